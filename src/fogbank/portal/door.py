"""The door: everything on the way in has what it needs here. It opens sessions for browsers, and says why it does not.

What must be known again at the next page is in cookies: the device, the second step's challenge, a trip to an issuer.
"""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from fogbank.accounts.client import AccountsClient, Browser, SessionView, SignInClient
from fogbank.accounts.client.factors import FactorsClient
from fogbank.accounts.client.invitations import InvitationsClient
from fogbank.accounts.client.issuers import IssuersClient
from fogbank.accounts.client.people import PeopleClient
from fogbank.notifications.client import NotificationsClient
from fogbank.portal.cookies import Cookie, Note
from fogbank.portal.page_route import SEE_OTHER
from fogbank.portal.rendering import Pages
from fogbank.portal.sessions import NotSignedIn, Person, Sessions, remember_session
from fogbank.runtime.clock import Clock
from fogbank.runtime.origin import present_origin
from fogbank.runtime.problems import Problem

NO_TOKENS_ON = {"referrer-policy": "strict-origin"}
"""Addresses of the door hold tokens, so no request tells whence it comes but by the origin.

Not `no-referrer`: with that browsers post `Origin: null`, and over plain http nothing else shows that a form is ours.
"""

DEVICE = Cookie("fogbank-device")
DEVICE_SECONDS = int(timedelta(days=180).total_seconds())


@dataclass(frozen=True, slots=True)
class Step:
    """A second factor is asked for: the challenge to answer, and by which methods."""

    challenge: str
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trip:
    """The browser is at an issuer: what it shows when it comes back, and the page it wanted."""

    binding: str
    next: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """An identity of an issuer waits for the owner of the account with its address."""

    confirmation: str
    binding: str
    issuer: str
    email: str


STEP = Note(Cookie("fogbank-step"), Step, seconds=300)
TRIP = Note(Cookie("oidc"), Trip, seconds=600)
CONFIRMATION = Note(Cookie("fogbank-confirm"), Confirmation, seconds=600)


@dataclass(frozen=True, slots=True)
class Door:
    """`accounts` acts as the portal's own service; the other clients speak to accounts likewise."""

    pages: Pages
    sessions: Sessions
    accounts: AccountsClient
    notifications: NotificationsClient
    clock: Clock

    @property
    def sign_in(self) -> SignInClient:
        return SignInClient(self.accounts.service)

    @property
    def factors(self) -> FactorsClient:
        return FactorsClient(self.accounts.service)

    @property
    def issuers(self) -> IssuersClient:
        return IssuersClient(self.accounts.service)

    @property
    def invitations(self) -> InvitationsClient:
        return InvitationsClient(self.accounts.service)

    def people(self, person: Person) -> PeopleClient:
        return PeopleClient(self.accounts.service.as_caller(person.token))

    async def person(self, request: Request) -> Person | None:
        """Who is signed in already, if anybody."""
        try:
            return await self.sessions.person(request)
        except NotSignedIn:
            return None

    async def open(self, request: Request, opening: Awaitable[SessionView], path: str) -> Response:
        """Let them in to `path`, or on to the step that is missing; the `Problem` of any other refusal."""
        try:
            session = await opening
        except Problem as problem:
            if problem.kind == "second-factor-needed":
                return self._to_second_step(request, problem, path)
            raise
        return self.enter(request, session, path)

    def enter(self, request: Request, session: SessionView, path: str) -> Response:
        """In, with the session, to `path`; first to what waits to be confirmed."""
        if CONFIRMATION.read(request) is not None:
            path = f"/sign-in/confirm?{urlencode({'next': path})}"
        response = RedirectResponse(path, SEE_OTHER)
        remember_session(response, request, session, self.clock())
        STEP.drop(response, request)
        return self.remember_device(response, request, session.device_token)

    def remember_device(self, response: Response, request: Request, device_token: str) -> Response:
        if device_token:
            DEVICE.keep(response, request, device_token, DEVICE_SECONDS)
        return response

    def page(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page of the door; `problem` and `done` are what it says above everything else."""
        filled = {"problem": "", "done": "", "next": "/usage", **context}
        response = self.pages.answer(request, template, status=status, **filled)
        response.headers.update(NO_TOKENS_ON)
        return response

    def _to_second_step(self, request: Request, problem: Problem, path: str) -> Response:
        methods: Sequence[str] = problem.extra.get("methods", ())
        response = RedirectResponse(f"/sign-in/second-factor?{urlencode({'next': path})}", SEE_OTHER)
        STEP.keep(response, request, Step(str(problem.extra.get("challenge", "")), tuple(methods)))
        return response


def browser_of(request: Request) -> Browser:
    """For whom the portal asks: where they sit, what they use, and whether the device is known."""
    origin = present_origin()
    return Browser(origin.address, origin.agent, DEVICE.read(request) or None)
