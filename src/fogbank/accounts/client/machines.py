"""Views of API keys, and whom one speaks for."""

from dataclasses import dataclass
from datetime import datetime

from fogbank.runtime.auth import Caller, CallerKind


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    """A key as it may be shown again: its name and its ends, never the secret."""

    id: str
    name: str
    prefix: str
    last_four: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiKeyCreatedView:
    """A new key, with its secret: shown this once."""

    api_key: str
    key: ApiKeyView


@dataclass(frozen=True, slots=True)
class CallerView:
    """Who an API key speaks for."""

    id: str
    organizations: dict[str, str]
    scopes: list[str]
    is_administrator: bool


@dataclass(frozen=True, slots=True)
class IntrospectionView:
    """Who an API key speaks for; null when it holds no longer."""

    caller: CallerView | None


def caller_of(view: CallerView) -> Caller:
    """The user whom a key speaks for."""
    return Caller(
        id=view.id,
        kind=CallerKind.USER,
        organizations=view.organizations,
        scopes=frozenset(view.scopes),
        is_administrator=view.is_administrator,
    )
