"""Routes of sessions: opened by what is shown in the body, listed and ended by whoever is signed in."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from pydantic import Field, StringConstraints

from fogbank.accounts.client import OpenSessionView, SessionsEndedView, SessionsView, SessionView
from fogbank.accounts.guards import READ, WRITE, UserCaller
from fogbank.accounts.signing_in.browser import place_of
from fogbank.accounts.signing_in.model import OpenSession, Session
from fogbank.accounts.signing_in.refusals import REFUSALS
from fogbank.accounts.signing_in.service import SignIn
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Address, Email, Id, Secret

Agent = Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]
Method = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]
PasskeyAnswer = Annotated[dict[str, Any], Field(max_length=32)]


@dataclass(frozen=True, slots=True, kw_only=True)
class FromBrowser:
    """Address and agent are for services that sign in for a browser, and count from them only.

    `device_token` is what the last good sign-in from there gave: a device that has it waits for nobody who guesses.
    """

    client_address: Address | None = None
    client_agent: Agent | None = None
    device_token: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordSignIn(FromBrowser):
    """Who signs in."""

    email: Email
    password: Secret = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSignIn(FromBrowser):
    """A one-time sign-in link's token."""

    token: Secret = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor(FromBrowser):
    """The answer to a challenge: a `code`, or a passkey's `answer`."""

    challenge: Secret = field(repr=False)
    method: Method
    code: Secret | None = field(default=None, repr=False)
    answer: PasskeyAnswer | None = None


def sign_in_routes(sign_in: SignIn) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["sign-in"], dependencies=REFUSALS)

    @router.post("/sessions", status_code=201, responses=problem_responses(401, 429))
    async def create_session(body: PasswordSignIn, request: Request) -> SessionView:
        """Sign in by password. 401 `second-factor-needed` has a `challenge` for the next route."""
        place = await place_of(request, body.client_address, body.client_agent, body.device_token)
        return session_view(await sign_in.by_password(body.email, body.password, place))

    @router.post("/sessions:link", status_code=201, responses=problem_responses(401))
    async def create_session_by_link(body: LinkSignIn, request: Request) -> SessionView:
        """Sign in by a one-time link; likewise."""
        place = await place_of(request, body.client_address, body.client_agent, body.device_token)
        return session_view(await sign_in.by_link(body.token, place))

    @router.post("/sessions:second-factor", status_code=201, responses=problem_responses(401, 409, 429))
    async def create_session_by_second_factor(body: SecondFactor, request: Request) -> SessionView:
        """Answer a challenge, within five minutes and five attempts."""
        place = await place_of(request, body.client_address, body.client_agent, body.device_token)
        answer = body.answer if body.answer is not None else body.code or ""
        return session_view(await sign_in.by_second_factor(body.challenge, body.method, answer, place))

    @router.delete("/sessions/current", status_code=204)
    async def end_session(x_session_token: Annotated[Secret, Header()]) -> None:
        """Sign out: end the session that is shown."""
        # Holding the token is the permission; ending what has ended already is no fault.
        await sign_in.sessions.sign_out(x_session_token)

    @router.get("/sessions", dependencies=READ, responses=problem_responses(401, 403))
    async def list_sessions(caller: UserCaller) -> SessionsView:
        """Where one is signed in, the session that was used last first; two hundred at most."""
        sessions = await sign_in.sessions.of(caller.id)
        return SessionsView([_open_view(each, caller.session_id) for each in sessions])

    @router.delete("/sessions", dependencies=WRITE, responses=problem_responses(401, 403))
    async def end_other_sessions(caller: UserCaller) -> SessionsEndedView:
        """Sign out everywhere else."""
        return SessionsEndedView(await sign_in.sessions.end_others(caller))

    @router.delete(
        "/sessions/{session_id}", status_code=204, dependencies=WRITE, responses=problem_responses(401, 403, 404)
    )
    async def end_one_session(session_id: Id, caller: UserCaller) -> None:
        """Sign out there."""
        await sign_in.sessions.end(caller, session_id)

    return router


def session_view(session: Session) -> SessionView:
    return SessionView(session.token, session.user_id, session.expires_at, session.id, session.device_token)


def _open_view(session: OpenSession, current_id: str) -> OpenSessionView:
    return OpenSessionView(
        id=session.id,
        created_at=session.created_at,
        last_seen_at=session.last_seen_at,
        expires_at=session.expires_at,
        address=session.address,
        agent=session.agent,
        method=session.method,
        is_current=session.id == current_id,
    )
