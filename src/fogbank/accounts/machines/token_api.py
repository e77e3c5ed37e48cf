"""The routes that tokens come from: open to all, since what is shown in the request is what counts."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from fogbank.accounts.client.signing_in import TokenView
from fogbank.accounts.errors import ScopeBeyondCaller, UnknownAudience, WrongCredentials
from fogbank.accounts.machines.errors import TokenRequestRefused, UnknownScopes
from fogbank.accounts.machines.refusals import REFUSALS
from fogbank.accounts.machines.session_tokens import SessionTokens
from fogbank.accounts.machines.token_request import (
    FORM,
    REQUEST,
    ClientCredentials,
    SessionGrant,
    of_form,
    scopes_in,
)
from fogbank.accounts.machines.tokens import ClientTokens
from fogbank.runtime.auth import CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.credentials.tokens import Token
from fogbank.runtime.http.caller import current_caller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.problems import Problem

NOT_STORED = {"cache-control": "no-store", "pragma": "no-cache"}
"""RFC 6749, 5.1."""

JWKS_CACHED = {"cache-control": "public, max-age=300"}
"""Less than the time for which a new key is published before it signs."""

FORM_SCHEMA = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": ["client_credentials"]},
        "client_id": {"type": "string"},
        "client_secret": {"type": "string"},
        "scope": {"type": "string"},
        "audience": {"type": "array", "items": {"type": "string"}},
    },
}


def token_routes(clients: ClientTokens, sessions: SessionTokens) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["tokens"], dependencies=REFUSALS)

    @router.post("/token", responses=problem_responses(400, 401), openapi_extra={"requestBody": _request_body()})
    async def create_token(request: Request, response: Response) -> TokenView:
        """A token for five minutes, for a service account's client credentials (RFC 6749, 4.4) or for a session."""
        response.headers.update(NOT_STORED)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
            return await _by_form(clients, request)
        asked = _of_json(await request.body())
        if isinstance(asked, SessionGrant):
            address = await _told_address(request, asked.client_address)
            return _view(await sessions.by_session(asked.session_token, asked.audience, address), clients.clock)
        return await _by_secret(clients, asked)

    @router.get("/jwks.json")
    async def read_keys(response: Response) -> dict[str, Any]:
        """The public keys that tokens are signed with, as a JSON Web Key Set (RFC 7517)."""
        response.headers.update(JWKS_CACHED)
        return clients.keys.public()

    return router


async def _by_secret(clients: ClientTokens, asked: ClientCredentials) -> TokenView:
    token = await clients.by_secret(asked.client_id, asked.client_secret, asked.audience, scopes_in(asked.scope))
    return _view(token, clients.clock)


async def _by_form(clients: ClientTokens, request: Request) -> TokenView:
    """As OAuth clients ask. What is refused is a problem document that also says what RFC 6749, 5.2, says."""
    authorization = request.headers.get("authorization")
    try:
        return await _by_secret(clients, of_form(await request.body(), authorization))
    except TokenRequestRefused as refused:
        raise _oauth(refused.error, refused.detail, is_basic=refused.is_basic) from None
    except WrongCredentials:
        detail = "These credentials are wrong, or they no longer hold."
        raise _oauth("invalid_client", detail, is_basic=authorization is not None) from None
    except (ScopeBeyondCaller, UnknownScopes) as refused:
        raise _oauth("invalid_scope", f"The client may not have the scope {_listed(refused.scopes)}.") from None
    except UnknownAudience as refused:
        raise _oauth("invalid_target", f"There is no service named {_listed(refused.names)}.") from None


def _of_json(body: bytes) -> ClientCredentials | SessionGrant:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        fault = {"type": "json_invalid", "loc": ("body",), "msg": "is no JSON", "input": None, "ctx": {"error": ""}}
        raise RequestValidationError([fault]) from None
    try:
        return REQUEST.validate_python(document)
    except ValidationError as error:
        faults: Sequence[Any] = error.errors(include_url=False, include_input=False)
        # Behind the name of the kind of grant, which the framework's own validation puts there too.
        raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from None


async def _told_address(request: Request, claimed: str | None) -> str:
    """The browser's address, where a service says it; nobody else is believed."""
    if claimed is None or "authorization" not in request.headers:
        return ""
    caller = await current_caller(request)
    return claimed if caller.kind is CallerKind.SERVICE else ""


def _oauth(error: str, detail: str, *, is_basic: bool = False) -> Problem:
    headers = {**NOT_STORED, **({"www-authenticate": 'Basic realm="fogbank"'} if is_basic else {})}
    status = 401 if error == "invalid_client" else 400
    extra = {"error": error, "error_description": detail}
    return Problem(status, error.replace("_", "-"), detail, extra=extra, headers=headers)


def _view(token: Token, clock: Clock) -> TokenView:
    return TokenView(
        access_token=token.access_token,
        expires_at=token.expires_at,
        token_type=token.token_type,
        expires_in=int((token.expires_at - clock()).total_seconds()),
        scope=" ".join(sorted(token.scopes)),
    )


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))


def _request_body() -> dict[str, Any]:
    """What the API's description says of the body, in either form."""
    own = REQUEST.json_schema()
    return {"required": True, "content": {"application/json": {"schema": own}, FORM: {"schema": FORM_SCHEMA}}}
