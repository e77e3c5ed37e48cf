"""The node book: nobody judges by less than there was to know; no kill and no restored compute leaves a lie in it."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.compute.recorded import START, RecordedNodes, later, placed, placed_all

from fogbank.compute.client import Admission, Mode, NodeBook
from fogbank.compute.client.admitting.store import BookReader, BookWriter, Progress
from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.component import Health


class Told:
    """Compute, and the books that follow it. A book opened again is one after a restart."""

    def __init__(self, directory: Path) -> None:
        self.nodes = RecordedNodes()
        self.path = directory / "book" / "nodes.sqlite"
        self.health = Health(self.clock)

    def admission(self, mode: Mode = "open") -> Admission:
        return Admission(self.nodes, self.path, mode, "")

    def clock(self) -> datetime:
        return self.nodes.now

    def known(self, node_id: str) -> list[str] | None:
        """The instances on that node, as the book has them; None where it has no such node."""
        with BookReader.open(self.path) as book:
            return None if book.node(node_id) is None else sorted(book.placements(node_id).by_instance)


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


def us(seconds: float) -> int:
    return microseconds_of(later(seconds))


async def test_everything_is_known_once_the_book_is_complete(told: Told) -> None:
    for number in range(45):
        told.nodes.register(f"n{number}", placed(f"i{number}", "ann"))
    told.nodes.now = later(1)
    with NodeBook.open(told.admission(), told.clock, told.health) as book:
        await book.complete_as_of(us(0))
        assert len(told.nodes.asked) == 3
        assert [told.known(f"n{number}") for number in range(45)] == [[f"i{number}"] for number in range(45)]
        assert told.known("n45") is None


async def test_nobody_asks_again_for_what_was_complete_and_many_ask_once(told: Told) -> None:
    told.nodes.now = later(10)
    with NodeBook.open(told.admission(), told.clock, told.health) as book:
        await asyncio.gather(*(book.complete_as_of(us(second)) for second in range(10)))
        assert told.nodes.asked == [0]


async def test_a_message_is_not_judged_before_compute_spoke_of_a_later_instant(told: Told) -> None:
    told.nodes.now = later(5)
    with NodeBook.open(told.admission(), told.clock, told.health) as book:
        waiting = asyncio.ensure_future(book.complete_as_of(us(5)))
        await told.nodes.told.wait()
        told.nodes.register("n1", at=later(5))
        assert not waiting.done()
        told.nodes.now = later(5.000001)
        await waiting
        assert told.known("n1") == []
        assert book.trouble == ""


async def test_while_compute_is_away_it_says_so_and_waits(told: Told) -> None:
    told.nodes.is_away, told.nodes.now = True, later(5)
    with NodeBook.open(told.admission(), told.clock, told.health) as book:
        waiting = asyncio.ensure_future(book.complete_as_of(us(0)))
        await told.nodes.told.wait()
        await _until(lambda: book.trouble != "")
        assert "Compute is away." in book.trouble
        assert (told.health.is_ok, told.health.detail) == (False, book.trouble)
        assert not waiting.done()
        told.nodes.is_away = False
        await waiting
        assert book.trouble == ""


async def test_after_a_restart_only_what_changed_since_is_asked_for(told: Told) -> None:
    told.nodes.register("n1", placed("i1", "ann"))
    told.nodes.now = later(1)
    with NodeBook.open(told.admission(), told.clock, told.health) as book:
        await book.complete_as_of(us(0))
    told.nodes.place("n1", placed("i2", "ann"))
    with NodeBook.open(told.admission(), told.clock, told.health) as book:
        await book.complete_as_of(us(0))
    assert told.nodes.asked == [0, 1]
    assert told.known("n1") == ["i1", "i2"]


async def test_a_change_gives_a_node_another_revision_and_only_that_node(told: Told) -> None:
    told.nodes.register("n1")
    told.nodes.register("n2")
    told.nodes.now = later(1)

    def revisions() -> list[int]:
        with BookReader.open(told.path) as reader:
            return [known.revision for name in ("n1", "n2") if (known := reader.node(name))]

    with NodeBook.open(told.admission(), told.clock, told.health) as book:
        await book.complete_as_of(us(0))
        before = revisions()
        told.nodes.place("n2", placed("i1", "ann"))
        told.nodes.now = later(2)
        await book.complete_as_of(us(1))
        assert revisions()[0] == before[0]
        assert revisions()[1] > before[1]


async def test_where_compute_was_restored_from_a_backup_the_book_starts_over(told: Told) -> None:
    for name in ("n1", "n2", "n3"):
        told.nodes.register(name)
    told.nodes.now = later(1)
    with NodeBook.open(told.admission(), told.clock, told.health) as book:
        await book.complete_as_of(us(0))
        told.nodes.changes_of.clear()
        told.nodes.changed = 0
        told.nodes.register("n2", placed("i2", "ann"))
        told.nodes.now = later(2)
        await book.complete_as_of(us(1))
    assert told.nodes.asked == [0, 3, 0]
    assert [told.known(name) for name in ("n1", "n2", "n3")] == [None, ["i2"], None]


async def test_a_start_over_that_a_kill_cut_short_is_finished(told: Told) -> None:
    for number in range(30):
        told.nodes.register(f"n{number}")
    told.nodes.now = later(1)
    with NodeBook.open(told.admission(), told.clock, told.health) as book:
        await book.complete_as_of(us(0))
    with BookWriter.open(told.path) as writer:
        progress = writer.progress()
        writer.write([], Progress(0, progress.revision, progress.revision + 1))
    del told.nodes.changes_of["n7"]
    with NodeBook.open(told.admission(), told.clock, told.health) as book:
        await book.complete_as_of(us(0))
    assert told.known("n7") is None
    assert told.known("n29") == []


async def test_a_file_that_is_no_book_is_made_anew(told: Told) -> None:
    told.path.parent.mkdir()
    told.path.write_bytes(b"something else " * 100)
    told.nodes.register("n1")
    told.nodes.now = later(1)
    with NodeBook.open(told.admission(), told.clock, told.health) as book:
        await book.complete_as_of(us(0))
    assert told.known("n1") == []


async def test_another_mode_holds_for_what_comes_from_then_on(told: Told) -> None:
    def policy(mode: Mode) -> list[bool]:
        with NodeBook.open(told.admission(mode), told.clock, told.health) as book:
            return [book.judging.policy.is_open_at(us(second)) for second in (-1000, 9, 10, 19, 20)]

    assert policy("open") == [True] * 5
    told.nodes.now = later(10)
    assert policy("registered") == [True, True, False, False, False]
    assert policy("registered") == [True, True, False, False, False]
    told.nodes.now = later(20)
    assert policy("open") == [True, True, False, False, True]


async def test_a_first_mode_holds_for_all_that_ever_came(told: Told) -> None:
    with NodeBook.open(told.admission("registered"), told.clock, told.health) as book:
        assert not book.judging.policy.is_open_at(microseconds_of(START - timedelta(days=7)))


async def test_many_placements_of_a_node_are_kept_whole(told: Told) -> None:
    ids = [f"i{number:05d}" for number in range(10_000)]
    told.nodes.register("n1", *placed_all(ids, "ann"))
    told.nodes.now = later(1)
    with NodeBook.open(told.admission(), told.clock, told.health) as book:
        await book.complete_as_of(us(0))
    assert told.known("n1") == ids


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 - the book tells nobody
            await asyncio.sleep(0.01)
