"""The intake: raising floors waits for what was judged by lower ones; a held day is written into by nobody."""

import asyncio

from fogbank.usage.model import DAY_US, HOUR_US
from fogbank.usage.retention.intake import Intake
from fogbank.usage.retention.model import Floors, PayerFloors

HIGHER = Floors(readings=PayerFloors(5 * DAY_US))


async def turns() -> None:
    """Let every other task go as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_floors_are_raised_when_every_batch_of_before_is_through() -> None:
    intake = Intake()
    async with asyncio.TaskGroup() as tasks:
        async with intake.batch() as early:
            raising = tasks.create_task(intake.raise_to(HIGHER))
            await turns()
            async with intake.batch() as late:
                assert (early.floors, late.floors) == (PayerFloors(), HIGHER.readings)
            await turns()
            assert not raising.done()
        await turns()
        assert raising.done()


async def test_batches_that_touch_a_held_day_wait_and_others_do_not() -> None:
    intake = Intake()
    written: list[int] = []

    async def write(*starts_us: int) -> None:
        async with intake.batch() as batch:
            await batch.may_write(starts_us)
            written.append(starts_us[0])

    async with asyncio.TaskGroup() as tasks, intake.holding(DAY_US):
        tasks.create_task(write(DAY_US + HOUR_US, 9 * DAY_US))
        tasks.create_task(write(2 * DAY_US))
        await turns()
        assert written == [2 * DAY_US]
    assert written == [2 * DAY_US, DAY_US + HOUR_US]


async def test_a_day_is_held_when_those_who_write_into_it_are_through() -> None:
    intake, held = Intake(), asyncio.Event()

    async def hold() -> None:
        async with intake.holding(DAY_US):
            held.set()

    async with asyncio.TaskGroup() as tasks:
        async with intake.batch() as batch:
            await batch.may_write([DAY_US])
            tasks.create_task(hold())
            await turns()
            assert not held.is_set()
        await held.wait()


async def test_who_is_cancelled_while_holding_or_waiting_leaves_nothing_behind() -> None:
    intake = Intake()
    async with intake.batch() as batch:
        await batch.may_write([DAY_US])
        raising = asyncio.create_task(intake.raise_to(HIGHER))
        holding = asyncio.create_task(intake.holding(DAY_US).__aenter__())
        await turns()
        raising.cancel()
        holding.cancel()
        await asyncio.gather(raising, holding, return_exceptions=True)
    assert intake.held == set()
    async with intake.batch() as batch:
        await batch.may_write([DAY_US])
