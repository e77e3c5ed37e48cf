"""Thresholds at a node: checked on its own readings at every tick, by the same rule as at the service. Pure.

Where they stand is in memory only. After a restart of the agent what is still crossed is said once more, so whoever
acts upon it takes "violated" as what holds, not as what is new.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fogbank.compute.thresholds.errors import NotAllowed
from fogbank.compute.thresholds.model import Standing, Terms, Value
from fogbank.compute.thresholds.rules.crossing import UNTOUCHED, Limit, judged, limit_of
from fogbank.compute.thresholds.rules.telling import type_of
from fogbank.compute.thresholds.rules.units import Measure, is_about, text_in_units, unit_of
from fogbank.compute.thresholds.rules.values import OF_READING
from fogbank.compute.thresholds.told import CARRIED, terms_of
from fogbank.events.node_configuration import ConfiguredThreshold
from fogbank.events.usage_event import UsageEvent, instant_us
from fogbank.kernel.periods import instant_of
from fogbank.kernel.quantities import decimal_text

FORGET_US = 86_400 * 1_000_000
"""An instance that was in no reading for a day is gone, and what stood of it is forgotten."""

Facts = dict[str, str]
"""What happened: the keys of the signal's data, with its type, for the operator's program."""


@dataclass(frozen=True, slots=True)
class Local:
    """A threshold as this node checks it."""

    id: str
    terms: Terms
    limit: Limit
    measure: Measure


@dataclass(slots=True)
class _Known:
    """Where a threshold stands for an instance, whose it was in its last reading, and when that ended."""

    local: Local
    standing: Standing
    user_id: str
    org_id: str
    seen_us: int


@dataclass(slots=True)
class LocalThresholds:
    """Where this node's thresholds stand."""

    node_id: str
    _told: Sequence[ConfiguredThreshold] = ()
    _locals: list[Local] = field(default_factory=list)
    _known: dict[tuple[str, str], _Known] = field(default_factory=dict)

    def crossings(self, told: Sequence[ConfiguredThreshold], events: Iterable[UsageEvent], now_us: int) -> list[Facts]:
        """What these readings crossed, of the thresholds that are in force; in the order of the readings.

        What was crossed of a threshold that is no longer in force is cleared: it holds no more.
        """
        happened: list[Facts] = []
        if told != self._told:
            happened += self._replace(told, now_us)
        if self._locals:
            for event in events:
                happened += self._judge(event, now_us)
        self._forget(now_us)
        return happened

    def _replace(self, told: Sequence[ConfiguredThreshold], now_us: int) -> list[Facts]:
        self._told = told
        self._locals = [local for each in told if (local := local_of(each)) is not None]
        kept = {local.id: local for local in self._locals}
        over = [key for key in self._known if key[0] not in kept]
        cleared = [
            self._facts(key[1], self._known[key], "", now_us, is_firing=False) for key in over if self._fires(key)
        ]
        for key in over:
            del self._known[key]
        for (threshold_id, _), known in self._known.items():
            known.local = kept[threshold_id]
        return cleared

    def _fires(self, key: tuple[str, str]) -> bool:
        return self._known[key].standing.is_firing

    def _judge(self, event: UsageEvent, now_us: int) -> Iterable[Facts]:
        start_us, end_us = instant_us(event.period.start), instant_us(event.period.end)
        if start_us is None or end_us is None:
            return
        for local in self._locals:
            subject = local.terms.subject
            if not is_about(subject, instance_id=event.instance_id, user_id=event.user_id, org_id=event.org_id):
                continue
            micros = OF_READING[local.measure](event.metrics, end_us - start_us)
            key = (local.id, event.instance_id)
            before = self._known.get(key)
            standing, crossing = judged(
                local.limit, UNTOUCHED if before is None else before.standing, Value(micros), now_us
            )
            if before is None and crossing is None:
                continue
            known = _Known(local, standing, event.user_id, event.org_id or "", now_us)
            self._known[key] = known
            if crossing is not None:
                value = text_in_units(local.terms, micros)
                yield self._facts(event.instance_id, known, value, now_us, is_firing=standing.is_firing)

    def _facts(self, instance_id: str, known: _Known, value: str, now_us: int, *, is_firing: bool) -> Facts:
        local, terms = known.local, known.local.terms
        return {
            "type": type_of(is_firing=is_firing),
            "threshold_id": local.id,
            "resource_type": terms.resource_type,
            "threshold_type": terms.threshold_type,
            "threshold_value": decimal_text(terms.value_micros),
            "units": terms.units,
            "action": terms.action,
            "value": value,
            "user_id": known.user_id,
            "org_id": known.org_id,
            "instance_id": instance_id,
            "node_id": self.node_id,
            "at": instant_of(now_us).isoformat(),
        }

    def _forget(self, now_us: int) -> None:
        for key in [key for key, known in self._known.items() if now_us - known.seen_us > FORGET_US]:
            del self._known[key]


def local_of(told: ConfiguredThreshold) -> Local | None:
    """The threshold as it is checked here; None where this agent is too old to know it, or has nothing to do for it."""
    try:
        terms = terms_of(told)
    except (NotAllowed, ValueError):
        return None
    measure = unit_of(terms).measure
    if terms.action not in CARRIED or measure not in OF_READING:
        return None
    return Local(told.threshold_id, terms, limit_of(terms), measure)
