# ruff: noqa: S608 - the SQL is put together from this file's own constants
"""Recomputing rollups from deduplicated readings. Never added to: each is computed anew and written where it differs.

A rollup row that no reading falls into any more, because an earlier reading by another payer won, is written as zero:
what is computed is compared with what is stored in both directions.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from fogbank.kernel.meters import Meter
from fogbank.usage.client.retention import DataClass
from fogbank.usage.model import DAY_US, HOUR_US, WINDOW_US, Span
from fogbank.usage.retention.model import Floors
from fogbank.usage.store.engine import Engine
from fogbank.usage.store.retention import kept, parameters_of
from fogbank.usage.store.schema import BOUNDS, METERS, PERCENTAGES


def held(gauge: str) -> str:
    """A gauge held for the period, in micro-unit-seconds, rounded half up: `kernel.quantities.gauge_seconds_micros`.

    The product does not fit 64 bits, and dividing 128 is slow; so whole units are multiplied apart from their rest.
    """
    rest = f"intDiv(modulo({gauge}, 1000000) * length_us + 500000, 1000000)"
    return f"toInt128(intDiv({gauge}, 1000000) * length_us + {rest})"


QUANTITIES = {
    Meter.CPU_SECONDS: "toInt128(cpu_seconds)",
    Meter.GPU_SECONDS: "toInt128(gpu_seconds)",
    Meter.MEMORY_GB_SECONDS: held("memory_gb"),
    Meter.STORAGE_GB_SECONDS: held("storage_gb"),
    Meter.NETWORK_EGRESS_MB: "toInt128(network_egress_mb)",
    Meter.NETWORK_INGRESS_MB: "toInt128(network_ingress_mb)",
    Meter.INSTANCE_SECONDS: "toInt128(length_us)",
    "cpu_percent_seconds": held("cpu_percent_avg"),
    "memory_percent_seconds": held("memory_percent"),
}
"""What one reading is worth, by name, in micro-units; 128 bits wide, so that no sum can wrap."""


def sums_of_events(names: Sequence[str]) -> str:
    """The sums over readings that the named quantities are."""
    return ", ".join(f"sum({QUANTITIES[name]}) AS {name}" for name in names)


@dataclass(frozen=True, slots=True)
class Rollup:
    """A table that is recomputed: by what keys, which sums, and from which query over a span.

    Rows whose payer's class `made_from` is not kept any more are left as they are: nothing is there to compute them.
    """

    table: str
    made_from: DataClass
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    source: str

    @property
    def recompute(self) -> str:
        keys, sums = ", ".join(self.keys), (*self.sums, "events")
        differs = " OR ".join(f"now_{name} != sumIf({name}, NOT computed)" for name in sums)
        values = ", ".join(sums)
        return f"""
            INSERT INTO {self.table} ({keys}, {values}, revision)
            SELECT {keys}, {", ".join(f"sumIf({name}, computed) AS now_{name}" for name in sums)},
                   {{revision:UInt64}}
            FROM (
                SELECT {keys}, {values}, true AS computed FROM ({self.source})
                UNION ALL
                SELECT {keys}, {values}, false FROM {self.table} FINAL
                WHERE start_us >= {{start_us:Int64}} AND start_us < {{end_us:Int64}}
            )
            WHERE {kept(self.made_from, "start_us")}
            GROUP BY {keys}
            HAVING {differs}
        """


# The first term is for the sort key, whose prefix the engine does not derive from the others.
IN_SPAN = f"""
    intDiv(period_start_us, {WINDOW_US})
        BETWEEN intDiv({{start_us:Int64}}, {WINDOW_US}) AND intDiv({{end_us:Int64}} - 1, {WINDOW_US})
    AND period_start_us >= {{start_us:Int64}} AND period_start_us < {{end_us:Int64}}
"""

WINDOWS = Rollup(
    table="account_windows",
    made_from=DataClass.READINGS,
    keys=("start_us", "account_id", "user_id"),
    sums=(*METERS, *PERCENTAGES),
    source=f"""
        SELECT intDiv(period_start_us, {WINDOW_US}) * {WINDOW_US} AS start_us,
               if(org_id = '', user_id, org_id) AS account_id, user_id,
               {sums_of_events((*METERS, *PERCENTAGES))}, count() AS events
        FROM usage_events FINAL
        WHERE {IN_SPAN}
        GROUP BY start_us, org_id, user_id
    """,
)

DAYS = Rollup(
    table="account_days",
    made_from=DataClass.WINDOWS,
    keys=("start_us", "account_id"),
    sums=METERS,
    source=f"""
        SELECT intDiv(window_us, {DAY_US}) * {DAY_US} AS start_us, account_id,
               {", ".join(f"sum({name}) AS {name}" for name in METERS)}, sum(events) AS events
        FROM (
            SELECT start_us AS window_us, account_id, {", ".join(METERS)}, events FROM account_windows FINAL
            WHERE start_us >= {{start_us:Int64}} AND start_us < {{end_us:Int64}}
        )
        GROUP BY start_us, account_id
    """,
)

HOURS = Rollup(
    table="instance_hours",
    made_from=DataClass.READINGS,
    keys=("start_us", "instance_id", "account_id", "user_id", "node_id"),
    sums=(*METERS, *PERCENTAGES, *BOUNDS),
    source=f"""
        SELECT intDiv(period_start_us, {HOUR_US}) * {HOUR_US} AS start_us, instance_id,
               if(org_id = '', user_id, org_id) AS account_id, user_id, node_id,
               {sums_of_events((*METERS, *PERCENTAGES))},
               min(period_start_us) AS first_start_us, max(period_start_us + length_us) AS last_end_us,
               if(sequenced = 0, -1, minIf(sequence, sequence >= 0)) AS first_sequence,
               max(sequence) AS last_sequence, toInt64(countIf(sequence >= 0)) AS sequenced, count() AS events
        FROM usage_events FINAL
        WHERE {IN_SPAN}
        GROUP BY start_us, instance_id, org_id, user_id, node_id
    """,
)


def _hours_by(*keys: str) -> str:
    """Instances' hours added up by fewer keys."""
    sums = (*METERS, *PERCENTAGES)
    return f"""
        SELECT {", ".join(keys)}, {", ".join(f"sum({name}) AS {name}" for name in sums)}, sum(events) AS events
        FROM (
            SELECT {", ".join((*keys, *sums))}, events FROM instance_hours FINAL
            WHERE start_us >= {{start_us:Int64}} AND start_us < {{end_us:Int64}}
        )
        GROUP BY {", ".join(keys)}
    """


ACCOUNT_HOURS = Rollup(
    table="account_hours",
    made_from=DataClass.HOURS,
    keys=("start_us", "account_id"),
    sums=(*METERS, *PERCENTAGES),
    source=_hours_by("start_us", "account_id"),
)

USER_HOURS = Rollup(
    table="user_hours",
    made_from=DataClass.HOURS,
    keys=("start_us", "account_id", "user_id"),
    sums=(*METERS, *PERCENTAGES),
    source=_hours_by("start_us", "account_id", "user_id"),
)


async def recompute(engine: Engine, rollup: Rollup, span: Span, revision: int, floors: Floors) -> None:
    """Bring the rows of `rollup` in `span` to what its source says, under `revision`; equal rows are not touched.

    Nor are rows below the settled `floors` of what they were made from.
    """
    # Of our own cores, those who ask get half.
    threads = f"SETTINGS max_threads = {max(1, (os.cpu_count() or 1) // 2)}" if engine.is_embedded else ""
    bounds = {"start_us": span.start_us, "end_us": span.end_us, "revision": revision}
    await engine.command(rollup.recompute + threads, {**bounds, **parameters_of(floors, rollup.made_from)})


LAST_REVISION = "SELECT greatest((SELECT max(revision) FROM account_windows), (SELECT max(revision) FROM account_days))"


async def last_revision(engine: Engine) -> int:
    """The highest revision that was ever written; 0 before the first."""
    return int((await engine.rows(LAST_REVISION))[0][0])
