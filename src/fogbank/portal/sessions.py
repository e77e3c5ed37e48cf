"""Sessions: a cookie holds the session's token; it buys a five-minute token that acts as the person at every API.

So what a person may see is decided where it always is: by the components, by that token. The portal only remembers, for
as long as the token holds, whose it is.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from fastapi import Request, Response

from fogbank.accounts.client import PEOPLES_AUDIENCE, AccountsClient, SessionView, UserView
from fogbank.portal.cookies import Cookie
from fogbank.portal.views.shell import AccountChoice
from fogbank.runtime.clock import Clock
from fogbank.runtime.expiring import ExpiringCache
from fogbank.runtime.origin import present_origin
from fogbank.runtime.problems import Problem

SESSION = Cookie("fogbank")

RENEW_BEFORE = timedelta(seconds=30)
SESSIONS_MAX = 10_000
UNAUTHORIZED = 401


class NotSignedIn(Exception):
    """There is no session, or it has ended."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, the payers they may look at, and a token that acts as them."""

    user: UserView
    choices: Sequence[AccountChoice]
    token: str
    address: str = ""
    """Where they sit; their token says so too."""


@dataclass(slots=True)
class Sessions:
    """Turns cookies into people."""

    accounts: AccountsClient
    clock: Clock
    _known: ExpiringCache[str, Person] = field(default_factory=lambda: ExpiringCache(SESSIONS_MAX))

    async def person(self, request: Request) -> Person:
        """Who sent this request; raises `NotSignedIn`."""
        session_token = session_of(request)
        if session_token is None:
            raise NotSignedIn
        request.state.forget_person = partial(self.forget, session_token)
        return await self.person_of(session_token)

    async def person_of(self, session_token: str) -> Person:
        """Whose session it is; raises `NotSignedIn` when it has ended."""
        known = self._known.get(session_token, self.clock())
        if known is None or known.address != present_origin().address:
            return await self._meet(session_token)
        return known

    def forget(self, session_token: str) -> None:
        """Remember a session no longer: it was ended, or what its token says is no longer so."""
        self._known.forget(session_token)

    async def _meet(self, session_token: str) -> Person:
        address = present_origin().address
        try:
            token = await self.accounts.token_for_session(session_token, PEOPLES_AUDIENCE, client_address=address)
            person = await _person(self.accounts.as_caller(token.access_token), token.access_token, address)
        except Problem as problem:
            if problem.status == UNAUTHORIZED:
                raise NotSignedIn from problem
            raise
        self._known.put(session_token, person, token.expires_at - RENEW_BEFORE)
        return person


async def _person(accounts: AccountsClient, token: str, address: str) -> Person:
    user = await accounts.me()
    organizations = await asyncio.gather(*(accounts.account(id_) for id_ in user.organizations))
    choices = [
        AccountChoice(each.id, each.name, user.organizations[each.id], is_organization=True)
        for each in sorted(organizations, key=lambda each: each.name.casefold())
    ]
    own = AccountChoice(user.id, user.name or user.email, "owner", is_organization=False)
    return Person(user, [*choices, own], token, address)


def session_of(request: Request) -> str | None:
    return SESSION.read(request) or None


def remember_session(response: Response, request: Request, session: SessionView, now: datetime) -> None:
    """Give the browser the session, until it ends."""
    seconds = max(0, int((session.expires_at - now).total_seconds()))
    SESSION.keep(response, request, session.session_token, seconds)


def drop_session(response: Response, request: Request) -> None:
    SESSION.drop(response, request)
