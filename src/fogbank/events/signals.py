"""Signals: what components tell each other over the queue besides usage. Facts that happened, never commands."""

from enum import StrEnum

from msgspec import Struct


class SignalType(StrEnum):
    """What happened; also the last tokens of the subject, `signals.v1.<type>`."""

    BALANCE_LOW = "account.balance_low"
    BALANCE_EXHAUSTED = "account.balance_exhausted"
    BALANCE_RESTORED = "account.balance_restored"
    ACCOUNT_SUSPENDED = "account.suspended"
    ACCOUNT_RESTORED = "account.restored"
    ACCOUNT_CLOSED = "account.closed"
    THRESHOLD_VIOLATED = "threshold.violated"
    THRESHOLD_CLEARED = "threshold.cleared"


STANDING_SIGNALS = frozenset({SignalType.ACCOUNT_SUSPENDED, SignalType.ACCOUNT_RESTORED, SignalType.ACCOUNT_CLOSED})

STANDING_DATA = {
    "kind": "What the account is: user or organization.",
    "before": "Its standing until now: active or suspended.",
    "change": "The number of the change, as `GET /api/v1/standings` has it: a larger one is later.",
}
"""What `data` of a signal about an account's standing says, by key."""

THRESHOLD_SIGNALS = frozenset({SignalType.THRESHOLD_VIOLATED, SignalType.THRESHOLD_CLEARED})

THRESHOLD_DATA = {
    "threshold_id": "The threshold.",
    "resource_type": "What is limited, such as cpu, storage, spend or runway.",
    "threshold_type": "absolute or percentage.",
    "threshold_value": "The limit, a decimal of `units`.",
    "units": "The units of `threshold_value` and `value`.",
    "action": "What the threshold asks for: log, notify, throttle or suspend.",
    "value": "What was measured, a decimal of `units`; empty in a summary, and where it is measured no longer.",
    "user_id": "Whose instance it is, or the user whom the threshold is about.",
    "org_id": "The organisation that pays, or that the threshold is about.",
    "instance_id": "The instance, where it is about one.",
    "node_id": "The node that the instance is on.",
    "notification_channels": "How people are told, with commas: email, api_callback, portal; empty for action log.",
    "at": "When the crossing was noted, RFC 3339, UTC; in a summary the minute that it is of.",
    "more": "In a summary, how many more crossings of this threshold the account had in that minute; else 0.",
}
"""What `data` of a threshold's signal says, by key; a text is empty where there is nothing to say."""


class Signal(Struct, frozen=True, kw_only=True):
    """One fact. `id` is deterministic, so telling it twice is telling it once."""

    type: SignalType
    version: str = "1.0"
    id: str
    occurred_at: str
    account_id: str
    data: dict[str, str]
