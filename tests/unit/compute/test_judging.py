"""Judging by the book: what is remembered from tick to tick changes no verdict."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integration.usage.conftest import reading
from tests.unit.compute.recorded import SEED, START, RecordedNodes, later, placed

from fogbank.compute.client import (
    Admission,
    Judge,
    NodeBook,
    PlacementFactsView,
    Policy,
    Refusal,
    facts_of,
    judge_readings,
)
from fogbank.compute.client.admitting.judging import Memory
from fogbank.compute.client.admitting.proofs import Proof, Proofs, Span, span_between
from fogbank.compute.client.admitting.store import BookReader, KnownNode
from fogbank.events.batch import pack
from fogbank.events.reading import MessageEvents, read_events
from fogbank.events.signing import public_key_of, signed
from fogbank.kernel.periods import microseconds_of
from fogbank.queue.client import Message
from fogbank.runtime.clock import now_utc
from fogbank.runtime.component import Health

TICK = 30.0


def message(
    events: list[dict[str, Any]], received_at: datetime, node_id: str = "n1", *, is_signed: bool = True
) -> Message:
    batch = pack([msgspec.json.encode(event) for event in events], node_id, 0, 0)
    batch = signed(batch, SEED) if is_signed else batch
    return Message(f"usage.v1.{node_id}", node_id, batch.payload, batch.headers, 1, received_at, "", 0)


def events_of(message: Message) -> MessageEvents:
    return read_events(message.payload, message.headers, microseconds_of(message.received_at))


class Bench:
    """A book of some nodes, and a judge who goes by it."""

    def __init__(self, directory: Path) -> None:
        self.nodes = RecordedNodes(now=later(100_000))
        self.admission = Admission(self.nodes, directory / "nodes.sqlite", "open", "")

    def follow(self) -> None:
        async def following() -> None:
            with NodeBook.open(self.admission, lambda: self.nodes.now, Health(now_utc)) as book:
                await book.complete_as_of(microseconds_of(later(0)))

        asyncio.run(following())


def test_a_tick_that_was_found_right_is_not_looked_up_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.nodes.register("n1", placed("i1", "ann"), placed("i2", "bob", "org"))
    bench.follow()
    memory = Memory()
    asked: list[str] = []

    class Counting(BookReader):
        def placements(self, node_id: str) -> Any:
            asked.append(node_id)
            return super().placements(node_id)

    with Counting.open(bench.admission.path) as book:
        judge = Judge(book, Policy(""), memory)
        for tick in range(3):
            at = later(TICK * tick)
            said = [reading("i1", at, user_id="ann"), reading("i2", at, user_id="bob", org_id="org")]
            came = message(said, at + timedelta(seconds=31))
            sender = judge.sender(came)
            assert isinstance(sender, KnownNode)
            assert judge.judged(events_of(came), came, sender).events.wrong == []
            memory._placements.clear()
        assert asked == ["n1"]


def test_what_is_set_aside_is_set_aside_as_it_came_and_the_rest_is_billed_to_its_owner(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.nodes.register("n1", placed("i1", "ann", "org"), placed("i2", "bob"))
    bench.follow()
    said = [reading("i3", START, unknown="kept"), reading("i2", START, org_id="org"), reading("i1", START)]
    came = message(said, later(31))
    with BookReader.open(bench.admission.path) as book:
        judge = Judge(book, Policy(""), Memory())
        sender = judge.sender(came)
        assert isinstance(sender, KnownNode)
        events = judge.judged(events_of(came), came, sender).events
    [wrong] = events.wrong
    assert (wrong.ordinal, wrong.raw, wrong.rejection.field) == (0, msgspec.json.encode(said[0]), "instance_id")
    assert events.ordinals == [1, 2]
    assert [event.instance_id for event in events.valid] == events.fields.instance_ids == ["i2", "i1"]
    assert (events.fields.user_ids, events.fields.org_ids) == (["bob", "ann"], [None, "org"])


def test_the_door_is_believed_and_an_unsigned_node_is_not(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.nodes.register("n1")
    bench.nodes.register("door:user_ann")
    bench.follow()
    with BookReader.open(bench.admission.path) as book:
        judge = Judge(book, Policy(""), Memory())
        said = [reading("i1", START)]
        assert judge.sender(message(said, later(31), "door:user_ann", is_signed=False)) is None
        assert isinstance(judge.sender(message(said, later(31), is_signed=False)), Refusal)


def test_what_an_administrator_sends_goes_by_placements_and_else_as_it_says(tmp_path: Path) -> None:
    """Sending again what a node said of somebody who has nothing to do with it does not bill them."""
    bench = Bench(tmp_path)
    bench.nodes.register("n1", placed("i1", "ann", since=START))
    bench.follow()
    with BookReader.open(bench.admission.path) as book:
        judge = Judge(book, Policy(public_key_of(SEED)), Memory())
        said = [reading("i1", START, user_id="eve"), reading("i2", START, user_id="bob")]
        came = message(said, later(31))
        sender = judge.sender(came)
        assert isinstance(sender, KnownNode)
        admitted = judge.judged(events_of(came), came, sender)
        assert admitted.events.fields.user_ids == ["ann", "bob"]
        assert admitted.events.wrong == []
        assert admitted.unplaced == []


halves = st.integers(0, 6).map(lambda number: number * TICK / 2)
owners = st.sampled_from([("ann", None), ("ann", "org")])


@settings(max_examples=150, deadline=None)
@given(
    placements=st.lists(
        st.tuples(st.sampled_from(["i1", "i2"]), owners, halves, st.none() | halves, halves), min_size=1, max_size=3
    ),
    said=st.lists(st.tuples(st.sampled_from(["i1", "i2"]), owners), min_size=1, max_size=2),
    ticks=st.lists(st.tuples(halves, halves, st.sampled_from([10, 30])), min_size=2, max_size=12),
    is_self_placing=st.booleans(),
)
def test_what_is_remembered_changes_no_verdict(
    placements: list[Any], said: list[Any], ticks: list[Any], *, is_self_placing: bool
) -> None:
    """A node says the same of changing times: what comes out is what the rule says of each message by itself."""
    with TemporaryDirectory() as directory:
        bench = Bench(Path(directory))
        view = bench.nodes.register(
            "n1", *(placed_at(*placement) for placement in placements), is_self_placing=is_self_placing
        )
        bench.follow()
        facts = facts_of(view)
        with BookReader.open(bench.admission.path) as book:
            judge = Judge(book, Policy(""), Memory())
            for start, received, seconds in ticks:
                events = [reading(i, later(start), seconds, user_id=user, org_id=org) for i, (user, org) in said]
                came = message(events, later(received))
                sender = judge.sender(came)
                assert isinstance(sender, KnownNode)
                read = events_of(came)
                received_us = microseconds_of(came.received_at)
                verdicts = judge_readings(facts.identity, facts.placements, read.fields, received_us)
                expected = read.billed_to(verdicts.owners).set_aside(verdicts.refused, came.payload, came.headers)
                assert judge.judged(read, came, sender).events == expected


def placed_at(
    instance_id: str, owner: tuple[str, str | None], since: float, until: float | None, recorded: float
) -> PlacementFactsView:
    ends_at = None if until is None else later(max(since, until))
    return placed(instance_id, *owner, since=later(since), until=ends_at, recorded_at=later(recorded))


@given(st.lists(st.integers(0, 20)), st.integers(0, 20))
def test_a_span_is_the_longest_that_passes_no_boundary(boundaries: list[int], instant: int) -> None:
    span = span_between(boundaries, instant)
    assert instant in span
    assert not any(span.from_us < boundary < span.until_us for boundary in boundaries)
    assert all(edge in boundaries for edge in (span.from_us, span.until_us) if 0 <= edge <= 20)


def test_proofs_that_were_not_asked_for_longest_go_first() -> None:
    proofs, anything = Proofs(2), Proof(Span(0, 1), Span(0, 1))
    proofs.put(b"a", anything)
    proofs.put(b"b", anything)
    assert proofs.get(b"a")
    proofs.put(b"c", anything)
    assert [proofs.get(name) is None for name in (b"a", b"b", b"c")] == [False, True, False]


def test_placements_at_hand_are_bounded_whatever_nodes_have(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for number in range(10):
        bench.nodes.register(f"n{number}", *(placed(f"i{number}{each}", "ann") for each in range(10)))
    bench.follow()
    memory = Memory(placements_max=35)
    with BookReader.open(bench.admission.path) as book:
        for number in range(10):
            node = book.node(f"n{number}")
            assert node
            assert len(memory.placements_of(book, node)) == 10
    assert memory._count == sum(map(len, memory._placements.values())) == 30
