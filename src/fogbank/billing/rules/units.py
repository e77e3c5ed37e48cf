"""Priced units: what a price is per. A person thinks in CPU-hours, a meter counts seconds."""

from dataclasses import dataclass

from fogbank.kernel.meters import Meter

SECONDS_PER_HOUR = 3600
MB_PER_GB = 1000


@dataclass(frozen=True, slots=True)
class PricedUnit:
    """A unit to price by: its name, and how many whole units of the meter it is."""

    name: str
    meter_units: int


HUMAN_UNITS = {
    Meter.CPU_SECONDS: PricedUnit("CPU-hour", SECONDS_PER_HOUR),
    Meter.GPU_SECONDS: PricedUnit("GPU-hour", SECONDS_PER_HOUR),
    Meter.MEMORY_GB_SECONDS: PricedUnit("GB-hour", SECONDS_PER_HOUR),
    Meter.STORAGE_GB_SECONDS: PricedUnit("GB-hour", SECONDS_PER_HOUR),
    Meter.NETWORK_EGRESS_MB: PricedUnit("GB", MB_PER_GB),
    Meter.NETWORK_INGRESS_MB: PricedUnit("GB", MB_PER_GB),
    Meter.INSTANCE_SECONDS: PricedUnit("hour", SECONDS_PER_HOUR),
}
"""The unit that people count each meter in."""


def priced_units(meter: Meter) -> tuple[PricedUnit, ...]:
    """The units that `meter` can be priced by: as people count it, and as it is metered."""
    return HUMAN_UNITS[meter], PricedUnit(meter.unit, 1)
