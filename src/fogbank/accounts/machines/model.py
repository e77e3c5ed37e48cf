"""Machines: API keys, service accounts, and the secrets of both."""

from dataclasses import dataclass
from datetime import datetime

from fogbank.accounts.client.permissions import Role, Status


@dataclass(frozen=True, slots=True)
class SecretFacts:
    """What may be shown of a secret, and when it ends; None while nothing follows it."""

    last_four: str
    created_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as we keep it, of a person or of a service account; which secrets it has is kept beside it.

    Without `networks` it may be used from everywhere.
    """

    id: str
    user_id: str | None
    service_account_id: str | None
    name: str
    scopes: frozenset[str]
    networks: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_address: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A machine of an organisation: it has a role there and secrets, and no profile."""

    id: str
    org_id: str
    name: str
    role: Role
    scopes: frozenset[str]
    created_by: str
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A key with its secrets, the newest first."""

    key: ApiKey
    secrets: tuple[SecretFacts, ...]


@dataclass(frozen=True, slots=True)
class KnownServiceAccount:
    """A service account with its secrets, the newest first."""

    account: ServiceAccount
    secrets: tuple[SecretFacts, ...]


@dataclass(frozen=True, slots=True)
class GoodKey:
    """A key that holds, and when the secret that was shown ends."""

    key: ApiKey
    secret_ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class GoodServiceAccount:
    """A service account that holds, and the standing of its organisation."""

    account: ServiceAccount
    org_status: Status
