"""Whether a password is in a list of stolen ones, asked so that who is asked does not learn it.

By the range protocol of Have I Been Pwned (k-anonymity): we send five hex digits of its SHA-1, get all hashes that
begin so, padded with made-up ones (count 0), and look ourselves. Where nobody answers, the password is taken: a list
that is away must not keep people out (NIST SP 800-63B-4 asks for a list, not for a service).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha1

import httpx
import structlog

from fogbank.accounts.signing_in.rules.weakness import normalized
from fogbank.runtime.clock import Clock

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 2.0
ANSWER_BYTES_MAX = 512 * 1024
PREFIX_DIGITS = 5
LEFT_ALONE = timedelta(minutes=1)
"""Who did not answer is not asked for so long, so that a list that is away costs one wait, not one for everybody."""
PADDED = {"add-padding": "true"}


class NoAnswer(Exception):
    """The list did not answer as it should."""


@dataclass(slots=True)
class BreachList:
    """Asks the list at `url`, which five hex digits are appended to; an empty one is never asked."""

    url: str
    http: httpx.AsyncClient
    clock: Clock
    _not_before: datetime | None = field(default=None)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, clock: Clock) -> AsyncIterator["BreachList"]:
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, follow_redirects=False) as http:
            yield cls(url, http, clock)

    async def has(self, password: str) -> bool:
        """Whether it is known to be stolen; not, where the list is off or does not answer."""
        now = self.clock()
        if not self.url or (self._not_before is not None and now < self._not_before):
            return False
        hashed = sha1(normalized(password).encode(), usedforsecurity=False).hexdigest().upper()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                found = await self._range(hashed[:PREFIX_DIGITS])
        except (NoAnswer, TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            self._not_before = now + LEFT_ALONE
            log.warning("breach list does not answer, passwords are taken unasked", reason=_reason(error))
            return False
        return hashed[PREFIX_DIGITS:] in found

    async def _range(self, prefix: str) -> frozenset[str]:
        """What the list knows under that prefix, without what it made up."""
        received = bytearray()
        async with self.http.stream("GET", self.url.rstrip("/") + f"/{prefix}", headers=PADDED) as answer:
            if answer.status_code != httpx.codes.OK:
                raise NoAnswer(f"it answered {answer.status_code}")
            async for chunk in answer.aiter_bytes():
                received += chunk
                if len(received) > ANSWER_BYTES_MAX:
                    raise NoAnswer("it answered more than a range can be")
        lines = (line.strip().partition(":") for line in received.decode("ascii", "replace").splitlines())
        return frozenset(suffix.upper() for suffix, _, count in lines if count.strip() not in ("", "0"))


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
