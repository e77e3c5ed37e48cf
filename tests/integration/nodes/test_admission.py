"""What compute writes down of nodes is what judges go by: over HTTP, from a real database, in the order it happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from tests.integration.nodes.conftest import ROOT, SERVICE, Key, World, new_name
from tests.integration.usage.conftest import reading

from fogbank.compute.client import Admission, NodeBook, Refusal
from fogbank.events.batch import pack
from fogbank.events.reading import MessageEvents, read_events
from fogbank.events.signing import signed
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import Message
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import Health


class Judging:
    """A book that follows compute over HTTP, and what it says of messages."""

    def __init__(self, book: NodeBook) -> None:
        self.book = book

    async def judged(
        self, node_id: str, key: Key, event: dict[str, Any], received_at: datetime
    ) -> MessageEvents | Refusal:
        batch = signed(pack([msgspec.json.encode(event)], node_id, 0, 0), key.seed)
        came = Message(f"usage.v1.{node_id}", node_id, batch.payload, batch.headers, 1, received_at, "", 0)
        received_us = microseconds_of(received_at)
        await self.book.complete_as_of(received_us)
        with self.book.judging.judge() as judge:
            sender = judge.sender(came)
            if isinstance(sender, Refusal):
                return sender
            read = read_events(came.payload, came.headers, received_us)
            return judge.judged(read, came, sender).events if sender else read

    async def owner(self, *said: Any) -> tuple[str, str | None]:
        events = await self.judged(*said)
        assert isinstance(events, MessageEvents)
        return events.fields.user_ids[0], events.fields.org_ids[0]


@contextmanager
def judging(world: World, path: Path) -> Iterator[Judging]:
    with NodeBook.open(Admission(world.as_(SERVICE), path, "open", ""), now_utc, Health(now_utc)) as book:
        yield Judging(book)


async def database_now(world: World) -> datetime:
    """The instant by which compute writes things down; the queue's is the same machine's."""
    async with world.database.connection() as connection:
        row = await (await connection.execute("SELECT clock_timestamp()")).fetchone()
    assert row
    now: datetime = row[0]
    return now.astimezone(UTC)


async def test_what_happens_to_a_node_bears_on_what_comes_after_it_and_not_on_what_came_before(
    world: World, key: Key, tmp_path: Path
) -> None:
    compute, root = world.as_(SERVICE), world.as_(ROOT)
    ann, instance = await world.person(), new_name("instance")
    with judging(world, tmp_path / "book.sqlite") as judge:
        before = await database_now(world)
        node = await world.node(ann, key=key)
        registered = await database_now(world)
        await compute.place(instance_id=instance, node_id=node, user_id=ann)
        placed = await database_now(world)
        event = reading(instance, placed, user_id="eve")
        assert await judge.owner(node, key, event, placed) == (ann, None)
        elsewhere = await world.node(ann)
        await compute.place(instance_id=instance, node_id=elsewhere, user_id=ann, moves=True)
        moved = await database_now(world)
        await root.revoke(node, "It was stolen.")
        revoked = await database_now(world)

        verdict = await judge.judged(node, key, reading(instance, moved, user_id="eve"), moved)
        assert isinstance(verdict, MessageEvents)
        assert [wrong.rejection.field for wrong in verdict.wrong] == ["instance_id"]
        refusal = await judge.judged(node, key, event, revoked)
        assert isinstance(refusal, Refusal)
        assert refusal.why == "revoked"
        # By all that is known now, what came earlier is judged as it was.
        assert await judge.owner(node, key, event, placed) == (ann, None)
        unplaced = await judge.judged(node, key, event, registered)
        assert isinstance(unplaced, MessageEvents)
        assert unplaced.valid == []
        assert await judge.owner(node, key, event, before) == ("eve", None)


async def test_a_book_that_was_ahead_of_compute_starts_over(world: World, key: Key, tmp_path: Path) -> None:
    ann = await world.person()
    node = await world.node(ann, key=key)
    told = await world.as_(SERVICE).changes(0)
    assert (await world.as_(SERVICE).changes(told.cursor + 1000)).cursor == told.cursor
    with judging(world, tmp_path / "book.sqlite") as judge:
        judge.book.writer.write([], judge.book.writer.progress()._replace(cursor=told.cursor + 1000))
        now = await database_now(world)
        verdict = await judge.judged(node, key, reading(new_name("instance"), now), now)
        assert isinstance(verdict, MessageEvents)
        assert [wrong.rejection.field for wrong in verdict.wrong] == ["instance_id"]
