"""What the activity log holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

State = Mapping[str, Any] | None
"""A thing as it was before or after an act, as a JSON object; None where there was, or is, nothing."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done, or is about to be. `id` is the doer's: telling it twice is telling it once."""

    id: str
    actor_id: str
    action: str
    subject: str
    reason: str
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class Entry:
    """An act in the log. `before` and `after` are JSON as the database writes it: the hash covers these very texts."""

    number: int
    at: datetime
    id: str
    actor_id: str
    action: str
    subject: str
    reason: str
    before: str | None
    after: str | None
    previous_hash: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for; None asks for any."""

    subject: str | None = None
    actor_id: str | None = None
    action: str | None = None
