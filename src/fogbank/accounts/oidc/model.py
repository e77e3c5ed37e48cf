"""What is kept of issuers and of who signs in by them."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from fogbank.accounts.client.permissions import Role


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whom we believe about who somebody is.

    `domains` are those of the addresses that it may speak for; empty for any. `admits_unknown` is that people without
    an account get one, in `org_id` as `role` where that is set. Without a secret we are a public client.
    """

    id: str
    name: str
    url: str
    client_id: str
    domains: tuple[str, ...]
    admits_unknown: bool
    org_id: str | None
    role: Role | None
    scopes: tuple[str, ...]
    created_at: datetime
    key_id: str | None = None
    sealed: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class IssuerChange:
    """What to change of an issuer; what is None stays. Its URL and our client id are what links are to, and stay."""

    name: str | None = None
    secret: str | None = field(default=None, repr=False)
    domains: tuple[str, ...] | None = None
    admits_unknown: bool | None = None
    org_id: str | None = None
    role: Role | None = None
    scopes: tuple[str, ...] | None = None

    def of(self, issuer: Issuer) -> Issuer:
        """The issuer with all of it but the secret, which is sealed elsewhere."""
        names = ("name", "domains", "admits_unknown", "org_id", "role", "scopes")
        return replace(issuer, **{name: given for name in names if (given := getattr(self, name)) is not None})


@dataclass(frozen=True, slots=True)
class Flow:
    """A sign-in that was begun in a browser."""

    issuer_id: str
    binding_sha256: bytes
    began_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Metadata:
    """What an issuer says of itself (OpenID Connect Discovery 1.0, 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    takes_basic: bool
    says_iss: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an issuer says that somebody is. `email` is empty where it does not say."""

    subject: str
    email: str
    is_email_verified: bool
    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """An identity that opens an account; `email` is what the issuer called it then."""

    id: str
    issuer_id: str
    subject: str
    user_id: str
    email: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """An identity that opens an account once its owner says so."""

    issuer_id: str
    subject: str
    email: str
    user_id: str
