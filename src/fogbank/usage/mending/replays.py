"""Replays: a part of the queue is read and stored again, beside what comes in, and nothing is acknowledged.

Where the readings are stored, that changes nothing. How far a replay is, is on disk after every handful of messages: a
killed process goes on where it was.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime

from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import QueueClient
from fogbank.queue.ranges import kept, read_range, sequence_at
from fogbank.queue.subjects import USAGE_STREAM
from fogbank.runtime.activity import ActivityLog
from fogbank.runtime.clock import Clock
from fogbank.usage.ingesting.ingestion import Ingestion
from fogbank.usage.mending.errors import KeyReused, NoReplay
from fogbank.usage.mending.model import Replay, ReplayState
from fogbank.usage.mending.rules import digest_of
from fogbank.usage.stamps import Stamps
from fogbank.usage.store import replays
from fogbank.usage.store.engine import Engine

ACTION = "usage.replay"


@dataclass(frozen=True, slots=True)
class Bound:
    """Where a replay begins or ends: a place in the queue, or an instant, or neither: what is there."""

    sequence: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Replays:
    """Begins replays and runs them, one after the other."""

    queue: QueueClient
    engine: Engine
    ingestion: Ingestion
    stamps: Stamps
    activity: ActivityLog
    clock: Clock
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def begin(self, start: Bound, end: Bound, *, actor_id: str, reason: str, key: str) -> Replay:
        """Read again from `start` up to and with `end`; an end that is an instant is excluded, and none is now.

        The same `key` again is the same replay; for another part of the queue it is `KeyReused`.
        """
        asked = digest_of(start.sequence, str(start.at), end.sequence, str(end.at))
        async with self._one_at_a_time:
            known = {replay.id: replay for replay in await replays.every(self.engine)}
            replay_id = key or f"replay_{self.stamps.take()}"
            if replay_id in known:
                if known[replay_id].asked != asked:
                    raise KeyReused(key)
                return known[replay_id]
            first, last = await self._resolved(start, end)
            now_us = microseconds_of(self.clock())
            replay = Replay(
                id=replay_id,
                asked=asked,
                first_sequence=first,
                last_sequence=last,
                next_sequence=first,
                messages=0,
                events=0,
                wrong=0,
                state=ReplayState.WAITING,
                actor_id=actor_id,
                reason=reason,
                began_at_us=now_us,
                changed_at_us=now_us,
            )
            await self.activity.record_activity(
                id_=f"{ACTION}:{digest_of(replay_id, asked, actor_id, reason)}",
                actor_id=actor_id,
                action=ACTION,
                subject=f"replay:{replay_id}",
                reason=reason,
                after={"from": str(start.sequence or start.at), "until": str(end.sequence or end.at)},
            )
            await replays.write(self.engine, replay, self.stamps.take())
        self._news.set()
        return replay

    async def _resolved(self, start: Bound, end: Bound) -> tuple[int, int]:
        """The first and the last message that lie between the bounds now."""
        connection = self.queue.connection
        there = await kept(connection, USAGE_STREAM)
        first, last = start.sequence or there.first, end.sequence or there.last
        if start.at is not None:
            first = await sequence_at(connection, USAGE_STREAM, start.at)
        if end.at is not None:
            last = await sequence_at(connection, USAGE_STREAM, end.at) - 1
        return max(first, there.first, 1), min(last, there.last)

    async def replay(self, replay_id: str) -> Replay:
        """One replay; `NoReplay` where there is none of that id."""
        for replay in await replays.every(self.engine):
            if replay.id == replay_id:
                return replay
        raise NoReplay(replay_id)

    async def every(self) -> list[Replay]:
        """Every replay, newest first."""
        return (await replays.every(self.engine))[::-1]

    async def run(self) -> None:
        """Run what waits and what a killed process left, for ever."""
        while True:
            self._news.clear()
            for replay in await replays.every(self.engine):
                if replay.state is not ReplayState.DONE:
                    await self._run(replay)
            await self._news.wait()

    async def _run(self, replay: Replay) -> None:
        first, last = replay.next_sequence, replay.last_sequence
        async with aclosing(read_range(self.queue.connection, USAGE_STREAM, first, last)) as handfuls:
            async for messages in handfuls:
                events, wrong = await self.ingestion.store_again(messages)
                replay = replace(
                    replay,
                    state=ReplayState.RUNNING,
                    next_sequence=messages[-1].stream_sequence + 1,
                    messages=replay.messages + len(messages),
                    events=replay.events + events,
                    wrong=replay.wrong + wrong,
                )
                await self._write(replay)
        await self._write(replace(replay, state=ReplayState.DONE, next_sequence=max(first, last + 1)))

    async def _write(self, replay: Replay) -> None:
        replay = replace(replay, changed_at_us=microseconds_of(self.clock()))
        await replays.write(self.engine, replay, self.stamps.take())
