"""The picture's readings as the wire shows them. Pure."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from fogbank.compute.client.current import CurrentMetrics, CurrentPeriod, InstanceCurrent
from fogbank.compute.current.picture import Latest
from fogbank.kernel.meters import Meter
from fogbank.kernel.periods import instant_of, microseconds_of
from fogbank.kernel.quantities import decimal_text


def instance_view(reading: Latest, now: datetime, *, is_stale: bool) -> InstanceCurrent:
    """A reading as it is at `now`. One from a clock ahead of ours is of age 0."""
    return InstanceCurrent(
        instance_id=reading.instance_id,
        user_id=reading.user_id,
        org_id=reading.org_id,
        metrics=CurrentMetrics(**msgspec.structs.asdict(reading.metrics)),
        period=CurrentPeriod(instant_of(reading.start_us), instant_of(reading.end_us)),
        per_second=rates_view(reading.rates_micros()),
        age_seconds=max(0, microseconds_of(now) - reading.end_us) / 1e6,
        is_stale=is_stale,
    )


def rates_view(rates_micros: Mapping[Meter, int]) -> dict[str, str]:
    """Rates as decimal strings of whole units per second, without zeros at their end."""
    return {meter: decimal_text(micros) for meter, micros in rates_micros.items()}
