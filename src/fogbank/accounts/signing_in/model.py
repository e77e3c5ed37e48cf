"""Sessions, and what they are opened by."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class SessionMethod(StrEnum):
    """How somebody came in."""

    PASSWORD = "password"  # noqa: S105  # a way in, no password
    LINK = "link"
    PASSKEY = "passkey"
    OIDC = "oidc"


@dataclass(frozen=True, slots=True)
class Session:
    """A session as given to its holder; we keep only the token's digest.

    `device_token` makes the device a known one; `expires_at` is when the session ends at the latest.
    """

    id: str
    token: str = field(repr=False)
    user_id: str
    expires_at: datetime
    device_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as it may be shown again. `last_seen_at` is to the minute."""

    id: str
    user_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    method: SessionMethod


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody comes from: network address, what their client calls itself, and the device token it has."""

    address: str = ""
    agent: str = ""
    device_token: str = field(default="", repr=False)
