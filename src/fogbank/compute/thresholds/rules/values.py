"""What is measured: of one reading, of all that an account runs, and of an account's money. Pure.

Of a sum, instances whose reading is stale are unknown and not nothing: the sum is then at least so much. Who has been
silent for an hour is gone and counts no more; no reading spans more, so nothing of that hour will come.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from fogbank.compute.thresholds.model import Value
from fogbank.compute.thresholds.rules.units import Measure
from fogbank.events.usage_event import PERIOD_MAX_US, Metrics
from fogbank.kernel.quantities import MICROS_PER_UNIT, MICROSECONDS_PER_SECOND, metric_micros

GONE_US = PERIOD_MAX_US
ENDLESS_SECONDS = 100 * 365 * 86_400
"""How long credit lasts that nobody spends: a century is as good as no end."""

HOURS_PER_DAY = 24


class Seen(Protocol):
    """A reading as the current picture keeps it."""

    @property
    def metrics(self) -> Metrics: ...

    @property
    def start_us(self) -> int: ...

    @property
    def end_us(self) -> int: ...

    def is_stale(self, now_us: int, interval_us: int) -> bool:
        """Whether it says nothing about now."""
        ...


def _per_second(metric: float, length_us: int) -> int:
    return metric_micros(metric) * MICROSECONDS_PER_SECOND // length_us


OF_READING: Mapping[Measure, Callable[[Metrics, int], int]] = {
    Measure.CPU_CORES: lambda metrics, length_us: _per_second(metrics.cpu_seconds, length_us),
    Measure.CPU_SECONDS: lambda metrics, _: metric_micros(metrics.cpu_seconds),
    Measure.CPU_PERCENT: lambda metrics, _: metric_micros(metrics.cpu_percent_avg),
    Measure.MEMORY_GB: lambda metrics, _: metric_micros(metrics.memory_gb),
    Measure.MEMORY_PERCENT: lambda metrics, _: metric_micros(metrics.memory_percent),
    Measure.STORAGE_GB: lambda metrics, _: metric_micros(metrics.storage_gb),
    Measure.EGRESS_MB: lambda metrics, _: metric_micros(metrics.network_egress_mb),
    Measure.EGRESS_MB_PER_SECOND: lambda metrics, length_us: _per_second(metrics.network_egress_mb, length_us),
    Measure.INGRESS_MB: lambda metrics, _: metric_micros(metrics.network_ingress_mb),
    Measure.INGRESS_MB_PER_SECOND: lambda metrics, length_us: _per_second(metrics.network_ingress_mb, length_us),
    Measure.GPU_DEVICES: lambda metrics, length_us: _per_second(metrics.gpu_seconds, length_us),
    Measure.GPU_SECONDS: lambda metrics, _: metric_micros(metrics.gpu_seconds),
}
"""Per measure: of a reading's metrics and its period's length, the base micro-units."""


def sum_of(readings: Iterable[Seen], measure: Measure, now_us: int, interval_us: int) -> Value | None:
    """What these instances use together; None where there are none, or nothing is known of any at present."""
    measured = OF_READING[measure]
    micros = fresh = late = gone = 0
    for reading in readings:
        if not reading.is_stale(now_us, interval_us):
            micros += measured(reading.metrics, reading.end_us - reading.start_us)
            fresh += 1
        elif now_us - reading.end_us <= GONE_US:
            late += 1
        else:
            gone += 1
    is_known = fresh > 0 or (gone > 0 and late == 0)
    return Value(micros, is_complete=late == 0) if is_known else None


@dataclass(frozen=True, slots=True)
class Money:
    """What an account spends and has, in micro-credits. `runway_seconds` is None while nothing is spent."""

    per_hour_micros: int
    month_to_date_micros: int
    balance_micros: int
    runway_seconds: int | None

    def of(self, measure: Measure) -> Value:
        """It in the measure's base micro-units."""
        match measure:
            case Measure.SPEND_PER_DAY:
                return Value(self.per_hour_micros * HOURS_PER_DAY)
            case Measure.SPEND_OF_MONTH:
                return Value(self.month_to_date_micros)
            case Measure.BALANCE:
                return Value(self.balance_micros)
            case _:
                seconds = ENDLESS_SECONDS if self.runway_seconds is None else self.runway_seconds
                return Value(seconds * MICROS_PER_UNIT)
