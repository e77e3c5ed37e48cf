"""The browser of whoever signs in: as the portal says it, or as the request shows it."""

from dataclasses import dataclass

from fastapi import Request

from fogbank.runtime.auth import CallerKind
from fogbank.runtime.http.caller import current_caller
from fogbank.runtime.origin import came_from

AGENT_CHARACTERS_MAX = 400


@dataclass(frozen=True, slots=True)
class Browser:
    """Where it is, and what it calls itself."""

    address: str
    agent: str


async def browser_of(request: Request, claimed_address: str | None, claimed_agent: str | None) -> Browser:
    """A service says it for its browser's user; of anybody else it is what the request itself shows."""
    if claimed_address is not None and "authorization" in request.headers:
        caller = await current_caller(request)
        if caller.kind is CallerKind.SERVICE:
            came_from(claimed_address)
            return Browser(claimed_address, _printable(claimed_agent or ""))
    host = request.client.host if request.client is not None else ""
    return Browser(host, _printable(request.headers.get("user-agent", "")))


def _printable(agent: str) -> str:
    return "".join(letter for letter in agent if letter.isprintable())[:AGENT_CHARACTERS_MAX]
