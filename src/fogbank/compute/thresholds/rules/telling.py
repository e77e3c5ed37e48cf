"""What is told of crossings, and how much of it at once. Pure.

Of one threshold an account is told at most ten crossings of a kind in a minute; what more there are is counted, and
one summary tells how many when the minute is over. It is counted by account because each account is told for itself:
fifty thousand accounts that cross once each are told once each, and the account of fifty thousand instances eleven
times. Where everything stands is written either way, so nothing but mail is spared.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from fogbank.compute.thresholds.model import Action, Concerned, Threshold
from fogbank.events.signals import Signal, SignalType
from fogbank.kernel.quantities import decimal_text

TOLD_PER_MINUTE = 10


@dataclass(frozen=True, slots=True)
class Told:
    """What is counted together: crossings of a threshold, of an account, of a kind."""

    threshold_id: str
    account_id: str
    type: SignalType


@dataclass(slots=True)
class Minute:
    """How much was told in a minute, and what more there is of it."""

    at: datetime
    told: Counter[Told] = field(default_factory=Counter)

    def split(self, crossings: Iterable[tuple[Told, Signal]]) -> tuple[list[Signal], Counter[Told]]:
        """The signals that are told, and how many are only counted."""
        signals: list[Signal] = []
        more: Counter[Told] = Counter()
        for about, signal in crossings:
            if self.told[about] < TOLD_PER_MINUTE:
                self.told[about] += 1
                signals.append(signal)
            else:
                more[about] += 1
        return signals, more


def type_of(*, is_firing: bool) -> SignalType:
    """What a threshold is told to have done that is firing now, or not."""
    return SignalType.THRESHOLD_VIOLATED if is_firing else SignalType.THRESHOLD_CLEARED


def crossing_signal(threshold: Threshold, concerned: Concerned, *, is_firing: bool, value: str, at: datetime) -> Signal:
    """The signal of one crossing. Its id is made of what crossed and when, so it is told once."""
    kind = type_of(is_firing=is_firing)
    return Signal(
        type=kind,
        id=f"{kind}:{threshold.id}:{concerned.key}:{at:%Y-%m-%dT%H:%M:%S.%fZ}",
        occurred_at=at.isoformat(),
        account_id=concerned.account_id,
        data=_data(threshold, concerned, value, at, more=0),
    )


def summary_signal(threshold: Threshold, about: Told, minute_at: datetime, more: int, now: datetime) -> Signal:
    """The signal that tells of `more` crossings of a minute at once."""
    return Signal(
        type=about.type,
        id=f"{about.type}:{threshold.id}:{about.account_id}:more:{minute_at:%Y-%m-%dT%H:%MZ}",
        occurred_at=now.isoformat(),
        account_id=about.account_id,
        data=_data(threshold, Concerned(about.account_id), "", minute_at, more=more),
    )


def _data(threshold: Threshold, concerned: Concerned, value: str, at: datetime, *, more: int) -> dict[str, str]:
    terms = threshold.terms
    channels = () if terms.action is Action.LOG else terms.channels
    return {
        "threshold_id": threshold.id,
        "resource_type": terms.resource_type,
        "threshold_type": terms.threshold_type,
        "threshold_value": decimal_text(terms.value_micros),
        "units": terms.units,
        "action": terms.action,
        "value": value,
        "user_id": concerned.user_id,
        "org_id": concerned.org_id,
        "instance_id": concerned.instance_id,
        "node_id": concerned.node_id,
        "notification_channels": ",".join(channels),
        "at": at.isoformat(),
        "more": str(more),
    }
