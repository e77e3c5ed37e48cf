"""What webhooks know: where to send what, what was sent, and what came back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from fogbank.kernel.ids import AccountId

METRICS = "metrics"
"""The event type of the current usage, every interval."""
TEST = "test"
"""The event type of a delivery that somebody asks for to see whether it arrives; nobody subscribes to it."""


class DisabledBecause(StrEnum):
    """Why nothing is sent to a webhook: its owner asked, it answered 410 Gone, or it failed for days."""

    ASKED = "asked"
    GONE = "gone"
    FAILING = "failing"


class DeliveryState(StrEnum):
    """How far a delivery is. `failed` was tried for as long as it is tried; `dropped` became pointless before."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A URL of an account, a user's or an organisation's, and what is posted to it.

    With `instance_id`, only what concerns that instance. `failing_since` is the first failed attempt after which none
    succeeded. `is_owner_told`: of a webhook that was disabled because it is gone or failing, its owner knows.
    """

    id: str
    user_id: str | None
    org_id: str | None
    instance_id: str | None
    url: str
    description: str
    event_types: frozenset[str]
    created_by: str
    created_at: datetime
    creation_key: str | None = None
    disabled_because: DisabledBecause | None = None
    disabled_at: datetime | None = None
    is_owner_told: bool = False
    failing_since: datetime | None = None
    succeeded_at: datetime | None = None

    @property
    def account_id(self) -> AccountId:
        return AccountId(self.org_id or self.user_id or "")

    @property
    def is_enabled(self) -> bool:
        return self.disabled_because is None

    def disabled(self, because: DisabledBecause, at: datetime) -> "Webhook":
        """The same, and nothing more is sent to it."""
        return replace(self, disabled_because=because, disabled_at=at, is_owner_told=False)

    def enabled(self) -> "Webhook":
        """The same, sent to again, and how it fared before forgotten."""
        return replace(self, disabled_because=None, disabled_at=None, is_owner_told=False, failing_since=None)


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """A webhook's secret, encrypted by the key `key_id`; valid until `ends_at`, where that is known."""

    webhook_id: str
    number: int
    key_id: str
    sealed: bytes
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Post:
    """What is to be posted to one webhook. `event_id` is the event's: the same one again is not posted again."""

    id: str
    webhook_id: str
    event_type: str
    event_id: str
    payload: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """A post and how far it is; `due_at` is when it is tried next while it is pending."""

    number: int
    id: str
    webhook_id: str
    event_type: str
    payload: str | None
    state: DeliveryState
    attempts: int
    created_at: datetime
    due_at: datetime
    expires_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt. Without a duration it is under way, or its process died and nobody knows what came of it.

    `status` is what was answered, null where there was no answer; `detail` says what was wrong; `answer` is the first
    KiB of the body.
    """

    delivery_id: str
    number: int
    started_at: datetime
    duration_ms: int | None = None
    status: int | None = None
    detail: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that is ours to attempt for the `attempt`-th time, the `tries`-th since it was asked for."""

    id: str
    webhook_id: str
    account_id: str
    url: str
    event_type: str
    payload: str
    attempt: int
    tries: int
    expires_at: datetime
    secrets: Sequence[SealedSecret]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: `status` and `headers` (names in lower case) of the answer, or why there was none."""

    started_at: datetime
    duration_ms: int
    status: int | None
    headers: Mapping[str, str]
    answer: str
    failure: str = ""
