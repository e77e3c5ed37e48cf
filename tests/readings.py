"""Readings for tests that need some, valid by the rules of the wire."""

from fogbank.events.usage_event import EventPeriod, Metrics, UsageEvent
from fogbank.kernel.periods import instant_of

NOON_US = 1_800_000_000 * 1_000_000
SECOND_US = 1_000_000


def reading(
    instance_id: str = "vm-1",
    start_seconds: float = 0,
    end_seconds: float = 30,
    *,
    cpu_us: int = 0,
    memory_gb: float = 0.0,
    user_id: str = "user_1",
) -> UsageEvent:
    """A reading of an instance over a period that is counted from a certain noon."""
    end = wire_time(end_seconds)
    return UsageEvent(
        event_type="resource_usage",
        version="1.0",
        timestamp=end,
        user_id=user_id,
        instance_id=instance_id,
        metrics=Metrics(cpu_us / 1e6, 0, memory_gb, 0, 0, 0, 0, 0),
        period=EventPeriod(start=wire_time(start_seconds), end=end),
        node_id="node-1",
    )


def wire_time(seconds: float) -> str:
    """So many seconds after noon, as it is written in an event."""
    return instant_of(NOON_US + round(seconds * SECOND_US)).isoformat().replace("+00:00", "Z")
