"""A request for a token, in either of two forms: JSON of ours, or the form that RFC 6749 has. Pure.

The form may carry the client's id and secret in its body or, as 2.3.1 prefers, by HTTP Basic, each encoded as a form
encodes them. `scope` is a list with spaces; `audience` may be given several times, as RFC 8693 has it.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from typing import Annotated, Literal
from urllib.parse import parse_qs, unquote_plus

from pydantic import Field, TypeAdapter, ValidationError

from fogbank.accounts.machines.errors import TokenRequestRefused
from fogbank.runtime.http.values import Address, Id, Secret

FIELDS_MAX = 32
SCOPE_CHARACTERS_MAX = 2000
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """Whoever shows their own secret: a service of Fogbank's, or a service account. `scope` is a list with spaces."""

    grant_type: Literal["client_credentials"]
    client_id: Id
    client_secret: Secret = field(repr=False)
    audience: Annotated[list[Id], Field(max_length=FIELDS_MAX)] | None = None
    scope: Annotated[str, Field(max_length=SCOPE_CHARACTERS_MAX)] | None = None


@dataclass(frozen=True, slots=True)
class SessionGrant:
    """A session that stands for its user. `client_address` is the browser's; it counts from services only."""

    grant_type: Literal["session"]
    session_token: Secret = field(repr=False)
    audience: Annotated[list[Id], Field(max_length=FIELDS_MAX)] | None = None
    client_address: Address | None = None


TokenRequest = Annotated[ClientCredentials | SessionGrant, Field(discriminator="grant_type")]
REQUEST: TypeAdapter[ClientCredentials | SessionGrant] = TypeAdapter(TokenRequest)
CREDENTIALS: TypeAdapter[ClientCredentials] = TypeAdapter(ClientCredentials)


def scopes_in(scope: str | None) -> frozenset[str] | None:
    """The scopes of a list with spaces; None where none are named."""
    return frozenset((scope or "").split()) or None


def of_form(body: bytes, authorization: str | None) -> ClientCredentials:
    """The request in a form; `TokenRequestRefused` with RFC 6749's code for what is wrong with it."""
    basic = _basic(authorization)
    fields = _fields(body)
    audience = fields.pop("audience", None)
    single = {name: _once(name, values) for name, values in fields.items()}
    _require_grant(single.get("grant_type"))
    if basic is not None and ("client_secret" in single or single.get("client_id", basic[0]) != basic[0]):
        raise _invalid("Show the client's secret once: in the header or in the body.")
    if basic is not None:
        single |= {"client_id": basic[0], "client_secret": basic[1]}
    if "client_id" not in single or "client_secret" not in single:
        raise TokenRequestRefused("invalid_client", "Show the client's id and secret, by HTTP Basic or in the body.")
    known = {name: single[name] for name in ("grant_type", "client_id", "client_secret", "scope") if name in single}
    try:
        return CREDENTIALS.validate_python({**known, "audience": audience})
    except ValidationError:
        detail = "The client's id or secret, the scope or the audience is not of the form that ours have."
        raise _invalid(detail) from None


def _require_grant(grant_type: str | None) -> None:
    if grant_type is None:
        raise _invalid("A form needs a grant_type: client_credentials.")
    if grant_type != "client_credentials":
        detail = "As a form, the only grant_type is client_credentials."
        raise TokenRequestRefused("unsupported_grant_type", detail)


def _fields(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(body.decode("ascii"), max_num_fields=FIELDS_MAX, errors="strict")
    except ValueError:
        raise _invalid("The form cannot be read; encode it as application/x-www-form-urlencoded.") from None


def _once(name: str, values: list[str]) -> str:
    """The one value: no parameter is given twice (RFC 6749, 3.2), but for our `audience`."""
    if len(values) > 1:
        raise _invalid(f"'{name[:64]}' is given more than once.")
    return values[0]


def _basic(authorization: str | None) -> tuple[str, str] | None:
    """The id and secret in the header; None where there is none."""
    if authorization is None:
        return None
    scheme, _, encoded = authorization.partition(" ")
    try:
        client_id, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
        shown = unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (ValueError, NotBase64):
        colon = ""
    if scheme.lower() != "basic" or not colon:
        detail = "The header Authorization is no HTTP Basic with the client's id and secret."
        raise TokenRequestRefused("invalid_client", detail, is_basic=True)
    return shown


def _invalid(detail: str) -> TokenRequestRefused:
    return TokenRequestRefused("invalid_request", detail)
