"""Where whoever signs in sits: as the portal says it of its browser, or as the request itself shows it."""

from fastapi import Request

from fogbank.accounts.signing_in.model import Place
from fogbank.runtime.auth import Authenticator, CallerKind
from fogbank.runtime.origin import came_from, present_origin


async def place_of(request: Request, address: str | None, agent: str | None, device_token: str | None) -> Place:
    """A service says address and agent for its browser; of anybody else they are what the request shows.

    Who calls is found out without becoming their tenant: signing in looks up who is not a tenant yet.
    """
    if address is not None and "authorization" in request.headers:
        authenticator: Authenticator = request.app.state.authenticator
        caller = await authenticator.authenticate(request.headers)
        if caller.kind is CallerKind.SERVICE:
            came_from(address)
            return Place(address, agent or "", device_token or "")
    host = present_origin().address or (request.client.host if request.client is not None else "")
    return Place(host, request.headers.get("user-agent", ""), device_token or "")
