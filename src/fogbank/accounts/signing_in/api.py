"""Routes to sign in and to get tokens. They are open: what is shown in the body is what counts."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Header, Request
from pydantic import Field

from fogbank.accounts.client import CallerView, IntrospectionView, SessionView, TokenView
from fogbank.accounts.machines.keys import ApiKeys
from fogbank.accounts.refusals import REFUSALS
from fogbank.accounts.signing_in.service import Session, SignIn
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.http.caller import ServiceCaller, current_caller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.values import Email, Id, Secret
from fogbank.runtime.tokens import Token


@dataclass(frozen=True, slots=True)
class PasswordSignIn:
    """Who signs in. `client_address` is for services that sign in for a browser, and counts from them only."""

    email: Email
    password: Secret
    client_address: Annotated[str, Field(max_length=64)] | None = None


@dataclass(frozen=True, slots=True)
class LinkSignIn:
    """A one-time sign-in link's token."""

    token: Secret


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A service that shows its secret."""

    grant_type: Literal["client_credentials"]
    client_id: Id
    client_secret: Secret
    audience: list[Id] | None = None


@dataclass(frozen=True, slots=True)
class SessionGrant:
    """A session that stands for its user."""

    grant_type: Literal["session"]
    session_token: Secret
    audience: list[Id] | None = None


@dataclass(frozen=True, slots=True)
class Introspection:
    """A key to look up."""

    api_key: Secret


TokenRequest = Annotated[ClientCredentials | SessionGrant, Body(discriminator="grant_type")]


def sign_in_routes(sign_in: SignIn, keys: ApiKeys) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["sign-in"], dependencies=REFUSALS)

    @router.post("/sessions", status_code=201, responses=problem_responses(401, 429))
    async def create_session(body: PasswordSignIn, request: Request) -> SessionView:
        session = await sign_in.by_password(body.email, body.password, await _address(request, body.client_address))
        return _session_view(session)

    @router.post("/sessions:link", status_code=201, responses=problem_responses(401))
    async def create_session_by_link(body: LinkSignIn) -> SessionView:
        return _session_view(await sign_in.by_link(body.token))

    @router.delete("/sessions/current", status_code=204)
    async def end_session(x_session_token: Annotated[Secret, Header()]) -> None:
        # Holding the token is the permission; ending what has ended already is no fault.
        await sign_in.sign_out(x_session_token)

    @router.post("/token", responses=problem_responses(401))
    async def create_token(body: TokenRequest) -> TokenView:
        if isinstance(body, ClientCredentials):
            return _token_view(sign_in.token_for_service(body.client_id, body.client_secret, body.audience))
        return _token_view(await sign_in.token_for_session(body.session_token, body.audience))

    @router.get("/jwks.json")
    async def read_keys() -> dict[str, Any]:
        return sign_in.keys.public()

    @router.post("/api-keys:introspect", responses=problem_responses(401, 404))
    async def introspect_key(body: Introspection, _service: ServiceCaller) -> IntrospectionView:
        caller = await keys.caller_by(body.api_key)
        return IntrospectionView(None if caller is None else _caller_view(caller))

    return router


async def _address(request: Request, claimed: str | None) -> str:
    """Where the person sits. A service says it for its browser's user; anybody else is where the request is from."""
    if claimed is not None and "authorization" in request.headers:
        caller = await current_caller(request)
        if caller.kind is CallerKind.SERVICE:
            return claimed
    return request.client.host if request.client is not None else ""


def _session_view(session: Session) -> SessionView:
    return SessionView(session.token, session.user_id, session.expires_at)


def _token_view(token: Token) -> TokenView:
    return TokenView(token.access_token, token.expires_at, token.token_type)


def _caller_view(caller: Caller) -> CallerView:
    return CallerView(caller.id, dict(caller.organizations), sorted(caller.scopes), caller.is_administrator)
