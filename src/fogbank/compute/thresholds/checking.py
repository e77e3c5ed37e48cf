"""Checks all thresholds against what holds now, again and again, and writes what was crossed.

The check itself keeps nothing: where each threshold stands is in the database, so that a restart fires nothing again.
What is written with a crossing, in one transaction, is its signal; sending it is `telling`'s.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from fogbank.accounts.client import NotServed
from fogbank.compute.current.service import CurrentUsageService
from fogbank.compute.thresholds.acting import Acting
from fogbank.compute.thresholds.index import Index
from fogbank.compute.thresholds.judging import Happened, Moment
from fogbank.compute.thresholds.model import Standing
from fogbank.compute.thresholds.money import Purses
from fogbank.compute.thresholds.rules.telling import Minute, Told, crossing_signal, summary_signal, type_of
from fogbank.compute.thresholds.rules.units import text_in_units
from fogbank.compute.thresholds.rules.values import Money
from fogbank.compute.thresholds.store import configured, standing, telling
from fogbank.compute.thresholds.store.standing import Crossed
from fogbank.events.signals import Signal
from fogbank.kernel.periods import grid_floor, instant_of, microseconds_of
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database

SLICE = 2_000
"""After so many looks, requests get their turn."""
THRESHOLDS_AT_ONCE = 500
CROSSINGS_PER_TRANSACTION = 250
WHOLE_INTERVALS = 2
"""So long after the start, every node that is there has reported again."""
MINUTE_SECONDS = 60
MICROSECONDS = 1_000_000

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Checker:
    """Holds the thresholds and where they stand, as of the last look at the database."""

    database: Database
    current: CurrentUsageService
    purses: Purses
    clock: Clock
    acting: Acting = field(default_factory=Acting)
    not_served: NotServed = field(default_factory=NotServed)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there are signals to send."""
    index: Index = field(default_factory=Index)
    standings: dict[tuple[str, str], Standing] = field(default_factory=dict)
    _change: int | None = None
    _knows_standings: bool = False
    _began_us: int | None = None
    _minute: Minute | None = None

    async def check(self) -> int:
        """Judge everything once; how many crossings were written."""
        await self._load()
        await self._tell_summaries()
        now_us = microseconds_of(self.clock())
        moment = await self._moment(now_us)
        written, crossed = 0, list[Crossed]()
        for number, happened in enumerate(moment.crossings(self.index), 1):
            if happened is not None:
                crossed.append(_crossed(happened))
            if len(crossed) >= CROSSINGS_PER_TRANSACTION:
                written += await self.write(crossed, now_us)
                crossed = []
            if number % SLICE == 0:
                await asyncio.sleep(0)
        return written + await self.write(crossed, now_us)

    async def _load(self) -> None:
        """The thresholds anew where any has changed; where they stand at the start, and where that was mistaken."""
        if await self.not_served.follow():
            self._change = None
        async with self.database.connection() as connection:
            # Read before the thresholds: a change in between is read twice, and none is missed.
            change = await configured.change(connection)
            if change != self._change:
                await self._load_thresholds(connection)
                self._change = change
            if not self._knows_standings:
                self.standings = {key: stands async for key, stands in standing.standings(connection)}
                self._knows_standings = True

    async def _load_thresholds(self, connection: Connection) -> None:
        index, after = Index(), ""
        while page := await configured.page(connection, None, after, THRESHOLDS_AT_ONCE):
            for threshold in page:
                if not self.not_served.is_closed(threshold.account_id):
                    index.add(threshold)
            after = page[-1].id
            await asyncio.sleep(0)
        self.index = index
        self.standings = {key: stands for key, stands in self.standings.items() if key[0] in index.thresholds}
        self.acting.load(index.thresholds.values())

    async def _moment(self, now_us: int) -> Moment:
        interval_us = self.current.interval_seconds * MICROSECONDS
        self._began_us = now_us if self._began_us is None else self._began_us
        readings = self.current.picture.readings()
        return Moment(
            readings=readings,
            picture=self.current.picture,
            money=await self._money(now_us),
            standings=self.standings,
            now_us=now_us,
            interval_us=interval_us,
            is_whole=abs(now_us - self._began_us) > WHOLE_INTERVALS * interval_us,
        )

    async def _money(self, now_us: int) -> dict[str, Money]:
        if not self.index.asks_for_money or not self.purses.is_due(now_us):
            return {}
        others = {reading.payer for reading in self.current.picture.readings()} if self.index.money_of_all else set()
        return await self.purses.ask(self.index.money_of_account, others, now_us)

    async def write(self, crossed: Sequence[Crossed], now_us: int) -> int:
        """Write crossings with their signals; those that another process wrote first are read from there."""
        if not crossed:
            return 0
        minute = self._minute_of(now_us)
        async with self.database.transaction() as tx:
            taken = await standing.cross(tx, crossed)
            ours = [each for each in crossed if (each.threshold_id, each.concerned.key) in taken]
            signals, more = minute.split(_told(self.index, each) for each in ours)
            await telling.add_signals(tx, signals)
            await telling.add_more(tx, minute.at, more)
        self.standings |= {(each.threshold_id, each.concerned.key): each.standing for each in ours}
        if len(ours) < len(crossed):
            self._knows_standings = False
        self._say(signals, sum(more.values()))
        return len(ours)

    async def _tell_summaries(self) -> None:
        """Turn the counts of minutes that are over into signals."""
        now = self.clock()
        signals: list[Signal] = []
        async with self.database.transaction() as tx:
            for about, minute_at, more in await telling.take_summaries(tx, grid_floor(now, MINUTE_SECONDS)):
                threshold = self.index.thresholds.get(about.threshold_id)
                if threshold is not None:
                    signals.append(summary_signal(threshold, about, minute_at, more, now))
            await telling.add_signals(tx, signals)
        self._say(signals, 0)

    def _minute_of(self, now_us: int) -> Minute:
        at = grid_floor(instant_of(now_us), MINUTE_SECONDS)
        if self._minute is None or self._minute.at != at:
            self._minute = Minute(at)
        return self._minute

    def _say(self, signals: Sequence[Signal], more: int) -> None:
        for signal in signals:
            _log.info(str(signal.type).replace(".", "_"), account_id=signal.account_id, **signal.data)
        if more:
            _log.info("thresholds_crossed_more", more=more, told="in one signal each when the minute is over")
        if signals:
            self.waiting.set()


def _crossed(happened: Happened) -> Crossed:
    threshold = happened.watched.threshold
    value = text_in_units(threshold.terms, happened.micros)
    return Crossed(threshold.id, happened.concerned, happened.standing, value)


def _told(index: Index, crossed: Crossed) -> tuple[Told, Signal]:
    is_firing = crossed.standing.is_firing
    signal = crossing_signal(
        index.thresholds[crossed.threshold_id],
        crossed.concerned,
        is_firing=is_firing,
        value=crossed.value,
        at=instant_of(crossed.standing.changed_us or 0),
    )
    return Told(crossed.threshold_id, crossed.concerned.account_id, type_of(is_firing=is_firing)), signal
