# ruff: noqa: S608 - the SQL is put together from this room's own constants
"""Figures for the audit: the same readings, counted in every place where they must agree, as far back as each goes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fogbank.usage.client.retention import DataClass
from fogbank.usage.model import HOUR_US
from fogbank.usage.retention.model import Floors
from fogbank.usage.store.engine import Engine, Row
from fogbank.usage.store.retention import kept, parameters_of
from fogbank.usage.store.rollups import sums_of_events
from fogbank.usage.store.schema import METERS, METRICS

SCRATCH = "accepted_again"
MAKE_SCRATCH = f"CREATE TABLE {SCRATCH} AS usage_events"
DROP_SCRATCH = f"DROP TABLE IF EXISTS {SCRATCH} SYNC"

_IDENTITY = "sipHash128(instance_id, period_start_us)"
_CONTENT = f"cityHash64(length_us, org_id, user_id, {', '.join(METRICS)})"

# Equal content is a match; so is another content that was accepted earlier, from a message the queue no longer holds.
# What is stored is looked at only where the queue holds anything of: the store may be a hundred times larger.
ACCEPTED_AND_STORED = f"""
    SELECT countIf(accepted), countIf(accepted AND stored AND (accepted_content = stored_content OR stored_first))
    FROM (
        SELECT
            max(is_accepted) AS accepted, max(NOT is_accepted) AS stored,
            maxIf(content, is_accepted) AS accepted_content, maxIf(content, NOT is_accepted) AS stored_content,
            maxIf(version, NOT is_accepted) > maxIf(version, is_accepted) AS stored_first
        FROM (
            SELECT {_IDENTITY} AS identity, {_CONTENT} AS content, version, true AS is_accepted FROM {SCRATCH} FINAL
            UNION ALL
            SELECT {_IDENTITY}, {_CONTENT}, version, false FROM usage_events FINAL
            WHERE _partition_id IN (SELECT DISTINCT _partition_id FROM {SCRATCH})
        )
        GROUP BY identity
    )
"""

RECENT = kept(DataClass.READINGS, "start_us")
"""Of a time whose readings are kept, where all four places must agree."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place where readings are added up: a query that gives a payer's figures, once for each of `parts`."""

    parts: tuple[str, ...]
    rows: str

    @property
    def sql(self) -> str:
        sums = (f"sumIf({name}, {part})" for part in self.parts for name in ("events", *METERS))
        return f"SELECT account_id, {', '.join(sums)} FROM ({self.rows}) GROUP BY account_id"


_VALUES = ", ".join(METERS)

STORED = Place(
    ("true",),
    f"""
        SELECT if(org_id = '', user_id, org_id) AS account_id, count() AS events, {sums_of_events(METERS)}
        FROM usage_events FINAL
        WHERE {kept(DataClass.READINGS, "period_start_us")}
        GROUP BY org_id, user_id
    """,
)

WINDOWS = Place(
    (RECENT, f"NOT {RECENT}"),
    f"""
        SELECT account_id, start_us, events, {_VALUES} FROM account_windows FINAL
        WHERE {kept(DataClass.WINDOWS, "start_us")}
    """,
)

DAYS = Place(
    (
        RECENT,
        f"NOT {RECENT} AND {kept(DataClass.WINDOWS, 'start_us')}",
        f"NOT {RECENT} AND {kept(DataClass.HOURS, 'start_us')}",
        "true",
    ),
    f"SELECT account_id, start_us, events, {_VALUES} FROM account_days FINAL",
)

# Hours that are still open or dirty are answered from readings, here as in history, where these are kept.
HOURS = Place(
    (RECENT, f"NOT {RECENT}"),
    f"""
        SELECT account_id, start_us, events, {_VALUES} FROM instance_hours FINAL
        WHERE {kept(DataClass.HOURS, "start_us")}
          AND (start_us NOT IN {{dirty_hours:Array(Int64)}} OR NOT {RECENT})
        UNION ALL
        SELECT if(org_id = '', user_id, org_id) AS account_id, start_us, events, {_VALUES}
        FROM (
            SELECT org_id, user_id, intDiv(period_start_us, {HOUR_US}) * {HOUR_US} AS start_us,
                   count() AS events, {sums_of_events(METERS)}
            FROM usage_events FINAL
            WHERE start_us IN {{dirty_hours:Array(Int64)}} AND {kept(DataClass.READINGS, "period_start_us")}
            GROUP BY org_id, user_id, start_us
        )
    """,
)


async def accepted_and_stored(engine: Engine) -> tuple[int, int]:
    """How many identities the scratch table holds, and how many of them are stored as they were accepted."""
    [row] = await engine.rows(ACCEPTED_AND_STORED)
    return row[0], row[1]


async def by_account(
    engine: Engine, place: Place, floors: Floors, dirty_hours: Sequence[int] = ()
) -> dict[str, list[Row]]:
    """Of each payer, for each part of the place: events, then one sum per meter."""
    parameters = parameters_of(floors, *DataClass)
    if place is HOURS:
        parameters["dirty_hours"] = list(dirty_hours)
    rows = await engine.rows(place.sql, parameters)
    return {account_id: list(_parts(numbers)) for account_id, *numbers in rows}


def _parts(numbers: Sequence[int]) -> Iterator[Row]:
    width = 1 + len(METERS)
    for first in range(0, len(numbers), width):
        yield numbers[first : first + width]
