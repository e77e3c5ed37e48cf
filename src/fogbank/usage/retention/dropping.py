"""Dropping: what has expired goes, partition by partition, each in one step; or is only looked at."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from fogbank.usage.client.retention import Action, DataClass, PartitionChange
from fogbank.usage.retention.intake import Intake
from fogbank.usage.retention.model import Floors
from fogbank.usage.retention.rules import action_for
from fogbank.usage.rolling import Rolling
from fogbank.usage.store import partitions
from fogbank.usage.store.engine import Engine
from fogbank.usage.store.partitions import Holding, Table


@dataclass(frozen=True, slots=True)
class Dropped:
    """What became of a partition, and how many rows of each payer went with it."""

    change: PartitionChange
    payers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Dropping:
    """Looks at partitions, and drops or replaces them. Floors are settled, and capped at what others need."""

    engine: Engine
    intake: Intake
    rolling: Rolling

    async def planned(self, floors: Floors, *, thorough: bool) -> list[Dropped]:
        """What would become of every partition that holds anything expired. Changes nothing."""
        return [
            _planned(table, holding, thorough=thorough)
            for table in partitions.TABLES
            for holding in await partitions.holdings(self.engine, table, floors)
            if holding.expired
        ]

    async def drop(self, floors: Floors, *, thorough: bool) -> list[Dropped]:
        """Do it; what became of every partition that held anything expired."""
        dropped = []
        for table in partitions.TABLES:
            await partitions.discard(self.engine, table)  # what an interrupted run left
            for holding in await partitions.holdings(self.engine, table, floors):
                planned = _planned(table, holding, thorough=thorough)
                if planned.change.action is not Action.KEEP:
                    async with self._nobody_writing(table, holding.partition):
                        planned = await self._drop(table, holding.partition, floors, thorough=thorough)
                if planned.change.rows_expired:
                    dropped.append(planned)
        return dropped

    async def _drop(self, table: Table, partition: str, floors: Floors, *, thorough: bool) -> Dropped:
        # Looked at again, now that nobody writes: what came in meanwhile decides as well.
        before = await partitions.holding(self.engine, table, partition, floors)
        planned = _planned(table, before, thorough=thorough)
        match planned.change.action:
            case Action.DROP:
                await partitions.drop(self.engine, table, partition)
            case Action.REWRITE:
                await partitions.stage(self.engine, table, partition, floors)
                await partitions.replace(self.engine, table, partition)
            case Action.KEEP:
                return planned
        after = await partitions.holding(self.engine, table, partition, floors)
        return replace(planned, change=replace(planned.change, rows_after=after.rows, bytes_after=after.bytes))

    @asynccontextmanager
    async def _nobody_writing(self, table: Table, partition: str) -> AsyncIterator[None]:
        if table.data_class is DataClass.READINGS:
            async with self.intake.holding(table.start_us(partition)):
                yield
        else:
            async with self.rolling.paused():
                yield


def _planned(table: Table, holding: Holding, *, thorough: bool) -> Dropped:
    action = action_for(holding.rows_expired, holding.rows_staying, thorough=thorough)
    rows_after = holding.rows if action is Action.KEEP else holding.rows_staying
    change = PartitionChange(
        data_class=table.data_class,
        table=table.name,
        partition=holding.partition,
        action=action,
        rows_before=holding.rows,
        rows_after=rows_after,
        rows_expired=holding.rows_expired,
        bytes_before=holding.bytes,
        bytes_after=holding.bytes * rows_after // max(holding.rows, 1),
    )
    return Dropped(change, {} if action is Action.KEEP else holding.expired)
