# ruff: noqa: INP001 - a script, not part of a package
"""What 10 million, 100 million and a billion instances take: prints the tables of docs/scale.md.

Every figure is one of the constants below, or follows from them. Measured ones are those of `fogbank bench` on two
shared cores; prices are assumptions, to be replaced by yours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

PERIOD_SECONDS = 30
INSTANCES_PER_NODE = 100
FLEETS = (10_000_000, 100_000_000, 1_000_000_000)

# CPU seconds per million readings, measured.
QUEUE_CPU = 0.4
WORKER_CPU = 2.6  # read, decode, check, and what reading costs the other cores
ENGINE_CPU = 2.9  # insert, sync, merge, close hours
RECOMPUTE_CPU = 0.2  # windows and days, each time they are recomputed

# Bytes per reading: measured, and for Arrow the width of a row.
WIRE_BYTES = 35
ARROW_BYTES = 170
STORED_BYTES = 14
HOURLY_SHARE = 0.02

QUEUE_COPIES = 3
STORE_COPIES = 2
QUEUE_DAYS = 2
RAW_DAYS = 90
HOURLY_DAYS = 400
WINDOW_SECONDS = 300
ROLLUP_SECONDS = 10
BUSY = 0.5  # of the cores: the other half catches up after an outage
FULL = 0.7  # of the disks: merges need room

PRICES = (
    ("dedicated servers", 5.0, 10.0),
    ("cloud, on demand", 30.0, 80.0),
    ("cloud, three years", 12.0, 80.0),
)
"""Per month in dollars: of a core, and of a terabyte of solid disk."""

SECONDS_PER_DAY = 86_400
TB = 1e12


@dataclass(frozen=True, slots=True)
class Plan:
    """What a fleet of that many instances takes."""

    instances: int

    @property
    def readings_per_second(self) -> float:
        return self.instances / PERIOD_SECONDS

    @property
    def messages_per_second(self) -> float:
        return self.readings_per_second / INSTANCES_PER_NODE

    @property
    def recompute_cores(self) -> float:
        """Each pass reads the open window, which is half full on average."""
        return self.readings_per_second * WINDOW_SECONDS / 2 / ROLLUP_SECONDS * RECOMPUTE_CPU / 1e6

    @property
    def queue_cores(self) -> int:
        return ceil(self.readings_per_second * QUEUE_CPU / 1e6 * QUEUE_COPIES / BUSY)

    @property
    def worker_cores(self) -> int:
        return ceil(self.readings_per_second * WORKER_CPU / 1e6 / BUSY)

    @property
    def store_cores(self) -> int:
        engine = self.readings_per_second * ENGINE_CPU / 1e6 * STORE_COPIES
        return ceil((engine + self.recompute_cores) / BUSY)

    @property
    def cores(self) -> int:
        return self.queue_cores + self.worker_cores + self.store_cores

    @property
    def queue_tb(self) -> float:
        return self.readings_per_second * SECONDS_PER_DAY * QUEUE_DAYS * WIRE_BYTES * QUEUE_COPIES / FULL / TB

    @property
    def raw_tb(self) -> float:
        return self.readings_per_second * SECONDS_PER_DAY * RAW_DAYS * STORED_BYTES * STORE_COPIES / FULL / TB

    @property
    def hourly_tb(self) -> float:
        return self.raw_tb / RAW_DAYS * HOURLY_SHARE * HOURLY_DAYS

    @property
    def tb(self) -> float:
        return self.queue_tb + self.raw_tb + self.hourly_tb

    @property
    def gbit_per_second(self) -> float:
        """In from nodes, to the queue's other servers, out to workers, to the store, and between its replicas."""
        each = WIRE_BYTES * (1 + (QUEUE_COPIES - 1) + 1) + ARROW_BYTES + STORED_BYTES * (STORE_COPIES - 1)
        return self.readings_per_second * each * 8 / 1e9

    def dollars(self, core: float, terabyte: float) -> float:
        return self.cores * core + self.tb * terabyte


def tables() -> str:
    """The tables, as Markdown."""
    plans = [Plan(instances) for instances in FLEETS]
    rows: list[tuple[str, Sequence[str]]] = [
        ("readings per second", [_number(plan.readings_per_second) for plan in plans]),
        (
            f"messages per second, {INSTANCES_PER_NODE} instances a node",
            [_number(p.messages_per_second) for p in plans],
        ),
        (f"queue: cores on {QUEUE_COPIES} servers", [_number(plan.queue_cores) for plan in plans]),
        (f"queue: TB, {QUEUE_DAYS} days × {QUEUE_COPIES}", [_number(plan.queue_tb) for plan in plans]),
        ("workers: cores", [_number(plan.worker_cores) for plan in plans]),
        (f"store: cores, {STORE_COPIES} replicas", [_number(plan.store_cores) for plan in plans]),
        (f"store: TB, readings {RAW_DAYS} days × {STORE_COPIES}", [_number(plan.raw_tb) for plan in plans]),
        (f"store: TB, hours {HOURLY_DAYS} days × {STORE_COPIES}", [_number(plan.hourly_tb) for plan in plans]),
        ("network: Gbit/s, all links together", [_number(plan.gbit_per_second) for plan in plans]),
        ("**cores**", [f"**{_number(plan.cores)}**" for plan in plans]),
        ("**TB**", [f"**{_number(plan.tb)}**" for plan in plans]),
    ]
    rows += [
        (
            f"$ a month, {name} ({core:.0f} a core, {terabyte:.0f} a TB)",
            [_number(p.dollars(core, terabyte)) for p in plans],
        )
        for name, core, terabyte in PRICES
    ]
    head = [
        "| | " + " | ".join(f"{fleet // 1_000_000:,}M".replace(",", " ") for fleet in FLEETS) + " |",
        "| --- |" + " ---: |" * len(FLEETS),
    ]
    return "\n".join([*head, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)])


def _number(value: float) -> str:
    """Two digits that count, and no more: these are estimates."""
    if value < 10:  # noqa: PLR2004
        return f"{value:.1f}".removesuffix(".0")
    step = 10 ** (len(str(int(value))) - 2)
    return f"{round(value / step) * step:,.0f}".replace(",", " ")


if __name__ == "__main__":
    print(tables())  # noqa: T201
