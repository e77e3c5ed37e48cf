"""What is kept of a person's second factors."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Method(StrEnum):
    """How somebody proves that they are the person whom they say they are."""

    PASSWORD = "password"  # noqa: S105 - the name of a method
    TOTP = "totp"
    RECOVERY = "recovery"
    PASSKEY = "passkey"


@dataclass(frozen=True, slots=True)
class Seed:
    """The seed of somebody's one-time codes, sealed. `last_step` is the time step of the last code that was taken."""

    user_id: str
    is_confirmed: bool
    key_id: str
    sealed: bytes = field(repr=False)
    created_at: datetime
    confirmed_at: datetime | None
    last_step: int


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as we keep it: its public key, and what tells it apart.

    `is_synced` says that its holder's devices share it. `regressed_at` is when its counter last went back.
    """

    id: str
    user_id: str
    name: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    is_synced: bool
    created_at: datetime
    last_used_at: datetime | None
    regressed_at: datetime | None


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who passkeys are for (WebAuthn, 5.4.2): the host's name and the origin of the pages that ask for them."""

    id: str
    origin: str


@dataclass(frozen=True, slots=True)
class Guesses:
    """Wrong codes of a person since the last right one, and until when none is taken."""

    failures: int
    wait_until: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """All of somebody's second factors."""

    totp_since: datetime | None
    passkeys: tuple[Passkey, ...]
    recovery_codes_left: int
    methods: frozenset[str]
