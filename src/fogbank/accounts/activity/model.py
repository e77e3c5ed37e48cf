"""What the activity log holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

State = Mapping[str, Any] | None
"""A thing as it was before or after an act, as a JSON object; None where there was, or is, nothing."""

PRESENT_FORMAT = 2
"""How new entries are hashed; `chain.py` knows every format."""


class ActorKind(StrEnum):
    """Who acted. What other services told without saying so is empty."""

    USER = "user"
    ADMINISTRATOR = "administrator"
    MACHINE = "machine"
    SERVICE = "service"
    NOBODY = "nobody"
    """Somebody who is not signed in."""
    SYSTEM = "system"
    """Fogbank by itself, with nobody asking."""
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Source:
    """From where an act came: network address, what the client calls itself, session or key, and request."""

    address: str = ""
    agent: str = ""
    credential_id: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done, or is about to be. `id` is the doer's: telling it twice is telling it once.

    `account_id` is whose matter it is: who may read that account's log reads of it. Empty means the installation's.
    """

    id: str
    actor_id: str
    action: str
    subject: str
    reason: str
    before: State
    after: State
    account_id: str = ""
    actor_kind: ActorKind = ActorKind.UNKNOWN
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class Entry:
    """An act in the log. `before` and `after` are JSON as the database writes it: the hash covers these very texts."""

    number: int
    format: int
    at: datetime
    id: str
    actor_id: str
    actor_kind: str
    action: str
    subject: str
    account_id: str
    reason: str
    before: str | None
    after: str | None
    address: str
    agent: str
    credential_id: str
    request_id: str
    previous_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for; None asks for any. `action` matches itself and what is below it: `session` too."""

    account_id: str | None = None
    subject: str | None = None
    actor_id: str | None = None
    action: str | None = None
    address: str | None = None
    from_: datetime | None = None
    to: datetime | None = None
