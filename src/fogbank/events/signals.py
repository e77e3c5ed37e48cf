"""Signals: what components tell each other over the queue besides usage. Facts that happened, never commands."""

from enum import StrEnum

from msgspec import Struct


class SignalType(StrEnum):
    """What happened; also the last tokens of the subject, `signals.v1.<type>`."""

    BALANCE_LOW = "account.balance_low"
    BALANCE_EXHAUSTED = "account.balance_exhausted"
    BALANCE_RESTORED = "account.balance_restored"


class Signal(Struct, frozen=True, kw_only=True):
    """One fact. `id` is deterministic, so telling it twice is telling it once."""

    type: SignalType
    version: str = "1.0"
    id: str
    occurred_at: str
    account_id: str
    data: dict[str, str]
