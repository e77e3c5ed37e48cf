# ruff: noqa: S608 - the SQL is put together from this file's own numbers
"""Filling a store with readings of the past, inside the engine: what is measured comes after."""

from dataclasses import dataclass

from fogbank.usage.model import DAY_US, HOUR_US, WINDOW_US, Grain, Span
from fogbank.usage.store import marks
from fogbank.usage.store.engine import Engine
from fogbank.usage.store.schema import METRICS

INSTANCES_PER_ORGANIZATION = 20
INSTANCES_PER_USER = 5
EVENTS = "usage_events"
ROLLED_UP = ("account_windows", "account_days", "instance_hours", "account_hours", "user_hours")
INSERT_DAYS = 10
"""How many days one statement fills: what it holds in memory is bounded."""


@dataclass(frozen=True, slots=True)
class Past:
    """Readings of `instances` in every period of `period_seconds` in a span of whole days."""

    instances: int
    period_seconds: int
    span: Span

    @property
    def events(self) -> int:
        return (self.span.end_us - self.span.start_us) // (self.period_seconds * 1_000_000) * self.instances


def instance_id(number: int) -> str:
    return f"instance_bench_{number:06d}"


def organization_id(number: int) -> str:
    return f"org_bench_{number:04d}"


def organizations(instances: int) -> int:
    """How many organisations that many instances have."""
    return -(-instances // INSTANCES_PER_ORGANIZATION)


# Metrics wander like a day's: a wave per instance, and some noise from a hash, in whole hundredths.
LEVEL = """
    toInt64(4000 + 3000 * sin((period_start_us / 86400000000 + instance / 7) * 6.283185307179586)
        + sipHash64(instance, period_start_us, {salt}) % 1000)
"""

FILL = f"""
    INSERT INTO usage_events (instance_id, period_start_us, length_us, org_id, user_id, {", ".join(METRICS)},
                              sequence, node_id, version)
    SELECT concat('instance_bench_', leftPad(toString(instance), 6, '0')), period_start_us, {{length_us:UInt32}},
           concat('org_bench_', leftPad(toString(intDiv(instance, {INSTANCES_PER_ORGANIZATION})), 4, '0')),
           concat('user_bench_', leftPad(toString(intDiv(instance, {INSTANCES_PER_USER})), 4, '0')),
           {", ".join(f"{LEVEL.format(salt=salt)} * 10000" for salt, _ in enumerate(METRICS))},
           {{sequence:Int64}} + intDiv(number, {{instances:UInt32}}), concat('node_bench_', toString(instance % 10)), 1
    FROM (
        SELECT number, number % {{instances:UInt32}} AS instance,
               {{start_us:Int64}} + intDiv(number, {{instances:UInt32}}) * {{length_us:UInt32}} AS period_start_us
        FROM numbers({{events:UInt64}})
    )
"""


async def fill(engine: Engine, past: Past, first_sequence: int, stamp: int) -> int:
    """Store those readings and mark their spans; returns the sequence that follows the last one's."""
    sequence = first_sequence
    for start_us in range(past.span.start_us, past.span.end_us, INSERT_DAYS * DAY_US):
        span = Span(start_us, min(start_us + INSERT_DAYS * DAY_US, past.span.end_us))
        periods = (span.end_us - span.start_us) // (past.period_seconds * 1_000_000)
        await engine.command(
            FILL,
            {
                "instances": past.instances,
                "length_us": past.period_seconds * 1_000_000,
                "start_us": span.start_us,
                "sequence": sequence,
                "events": periods * past.instances,
            },
        )
        sequence += periods
        spans = [(Grain.WINDOW, at_us) for at_us in range(span.start_us, span.end_us, WINDOW_US)]
        await marks.mark(
            engine, spans + [(Grain.HOUR, at_us) for at_us in range(start_us, span.end_us, HOUR_US)], stamp
        )
    return sequence


async def merge(engine: Engine, *tables: str) -> None:
    """Merge now what a store at rest merges by itself in the course of time."""
    for table in tables:
        await engine.command(f"OPTIMIZE TABLE {table} FINAL SETTINGS optimize_skip_merged_partitions = 1")
