# ruff: noqa: S608 - the SQL is put together from this file's own constants; values are bound by the engine
"""Partitions: what each holds of what has expired, and how that goes: with all of it, or by writing it anew without.

Nothing is ever deleted row by row. A floor is the start of a partition (`retention.rules.partition_start`), so a
payer's part of one has expired whole or not at all. Rows are counted once each, whatever the merges left to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fogbank.kernel.periods import microseconds_of
from fogbank.usage.client.retention import DataClass
from fogbank.usage.retention.model import Floors
from fogbank.usage.store.engine import Engine
from fogbank.usage.store.retention import kept, parameters_of


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a class, its column of time, and the form of its partitions' names."""

    name: str
    data_class: DataClass
    instant: str
    named_by: str

    @property
    def expired(self) -> str:
        """Whether a row has expired; takes `parameters_of` the class."""
        return f"NOT {kept(self.data_class, self.instant)}"

    @property
    def staging(self) -> str:
        """Where a partition is written anew."""
        return f"{self.name}_staying"

    def start_us(self, partition: str) -> int:
        """When the time that the partition is of begins."""
        return microseconds_of(datetime.strptime(partition, self.named_by).replace(tzinfo=UTC))


TABLES = (
    Table("usage_events", DataClass.READINGS, "period_start_us", "%Y%m%d"),
    Table("account_windows", DataClass.WINDOWS, "start_us", "%Y%m"),
    Table("instance_hours", DataClass.HOURS, "start_us", "%Y%m"),
    Table("account_hours", DataClass.HOURS, "start_us", "%Y%m"),
    Table("user_hours", DataClass.HOURS, "start_us", "%Y%m"),
)


@dataclass(frozen=True, slots=True)
class Holding:
    """What a partition holds: expired rows by payer, and those that stay.

    `bytes` are on disk; rows that were replaced and are not merged yet count there only.
    """

    partition: str
    expired: Mapping[str, int]
    rows_staying: int
    bytes: int

    @property
    def rows_expired(self) -> int:
        return sum(self.expired.values())

    @property
    def rows(self) -> int:
        return self.rows_expired + self.rows_staying


# On a cluster these are the bytes of the server that is asked, which holds the table's part under another name.
BYTES = """
    SELECT partition_id, sum(bytes_on_disk)
    FROM system.parts
    WHERE active AND database = currentDatabase() AND table IN ({table:String}, {table:String} || '_local')
    GROUP BY partition_id
"""


async def sizes(engine: Engine, table: Table) -> dict[str, tuple[int, int]]:
    """Rows, those replaced and not merged yet included, and bytes of each partition, in order of time."""
    counted = await engine.rows(f"SELECT _partition_id, count() FROM {table.name} GROUP BY _partition_id ORDER BY 1")
    on_disk: dict[str, int] = dict(map(tuple, await engine.rows(BYTES, {"table": table.name})))
    return {partition: (count, on_disk.get(partition, 0)) for partition, count in counted}


async def holdings(engine: Engine, table: Table, floors: Floors) -> list[Holding]:
    """The partitions that may hold anything expired, in order of time."""
    highest_us = floors.of(table.data_class).highest_us
    old = {name: size for name, (_, size) in (await sizes(engine, table)).items() if table.start_us(name) < highest_us}
    return [await _counted(engine, table, partition, size, floors) for partition, size in old.items()]


async def holding(engine: Engine, table: Table, partition: str, floors: Floors) -> Holding:
    """What the partition holds now."""
    _, size = (await sizes(engine, table)).get(partition, (0, 0))
    return await _counted(engine, table, partition, size, floors)


async def _counted(engine: Engine, table: Table, partition: str, size: int, floors: Floors) -> Holding:
    # No payer's id is empty.
    sql = f"""
        SELECT if({table.expired}, account_id, '') AS payer, count() FROM {table.name} FINAL
        WHERE _partition_id = {{partition:String}}
        GROUP BY payer
    """
    rows: dict[str, int] = dict(map(tuple, await engine.rows(sql, _parameters(table, partition, floors))))
    staying = rows.pop("", 0)
    return Holding(partition, rows, staying, size)


async def drop(engine: Engine, table: Table, partition: str) -> None:
    """Drop all that the partition holds."""
    await engine.command(f"ALTER TABLE {table.name} DROP PARTITION ID '{partition}'")


class CopyDiffers(RuntimeError):
    """What was written anew is not what stays; nothing was replaced."""

    def __init__(self, table: Table, partition: str) -> None:
        super().__init__(
            f"the copy of what stays of {table.name}, partition {partition}, differs; nothing was replaced"
        )


async def stage(engine: Engine, table: Table, partition: str, floors: Floors) -> None:
    """Copy what stays of the partition beside it, and compare; `CopyDiffers` where that is not the same.

    Nobody may write into the partition from here until it is replaced. What an interrupted copy left is removed first.
    """
    await discard(engine, table)
    await engine.command(f"CREATE TABLE {table.staging} AS {table.name}")
    # Parts that are merged are not synced to disk, and those that they replace would be gone.
    await engine.command(f"SYSTEM STOP MERGES {table.staging}")
    parameters = _parameters(table, partition, floors)
    staying = f"{table.name} FINAL WHERE _partition_id = {{partition:String}} AND NOT ({table.expired})"
    await engine.command(f"INSERT INTO {table.staging} SELECT * FROM {staying}", parameters)
    # Exclusive or of the rows' hashes: the same rows in any order, and as many.
    fingerprint = "SELECT count(), groupBitXor(cityHash64(*)), sum(cityHash64(*)) FROM"
    copied = await engine.rows(f"{fingerprint} {table.staging}")
    if list(copied) != list(await engine.rows(f"{fingerprint} {staying}", parameters)):
        raise CopyDiffers(table, partition)


async def replace(engine: Engine, table: Table, partition: str) -> None:
    """Put the copy into the partition's place, in one step; before it all is there, after it only what stays."""
    await engine.command(f"ALTER TABLE {table.name} REPLACE PARTITION ID '{partition}' FROM {table.staging}")
    await discard(engine, table)


async def discard(engine: Engine, table: Table) -> None:
    """Remove a copy that is in nobody's place."""
    await engine.command(f"DROP TABLE IF EXISTS {table.staging} SYNC")


def _parameters(table: Table, partition: str, floors: Floors) -> dict[str, object]:
    return {**parameters_of(floors, table.data_class), "partition": partition}
