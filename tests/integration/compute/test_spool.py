"""The spool keeps a tick whole, belongs to one agent, keeps to its size, and works on a full disk."""

import os
import random
import sqlite3
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from tests.readings import reading
from tests.tools import needs_root

from fogbank.compute.agent.model import Checkpoint, Counter, Owner, Tick
from fogbank.compute.agent.spool import Spool, SpooledBatch, SpoolFull, SpoolUnusable, keeping
from fogbank.compute.agent.spool.reserve import RESERVE_BYTES
from fogbank.events.batch import MESSAGE_ID, pack, unpack
from fogbank.events.usage_event import UsageEvent, decode_event

NODE = "node-1"
CHECKPOINT = Checkpoint(Tick(5, "boot-1", 6), {Counter.CPU_US: {"boot-1/7": 8}}, Owner("user_1", "org_1"))
INSTANCES = tuple(f"vm-{index}" for index in range(20))


def next_of(spool: Spool) -> SpooledBatch:
    batch = spool.to_send()
    assert batch is not None
    return batch


def events_of(batch: SpooledBatch) -> list[UsageEvent]:
    return [decode_event(line) for line in unpack(batch.batch.payload, batch.batch.headers)]


def drained(spool: Spool) -> list[UsageEvent]:
    """Everything that waits, taken out of the spool as it would be sent."""
    events: list[UsageEvent] = []
    while (batch := spool.to_send()) is not None:
        events += events_of(batch)
        spool.delete(batch)
    return events


def tick_of(number: int, instances: Sequence[str] = INSTANCES) -> list[UsageEvent]:
    """The readings of the tick with that number: instances use as much CPU as their place and the tick say."""
    return [
        reading(each, 30 * number, 30 * number + 30, cpu_us=1000 * number + index, memory_gb=round(1 + index / 7, 6))
        for index, each in enumerate(instances)
    ]


def test_checkpoints_and_batches_are_there_after_a_restart(tmp_path: Path) -> None:
    with Spool.open(tmp_path / "spool.db", NODE, 1000) as spool:
        spool.commit_tick({"a": CHECKPOINT}, [reading("a"), reading("b")])
    with Spool.open(tmp_path / "spool.db", NODE, 2000) as spool:
        assert spool.checkpoints() == {"a": CHECKPOINT}
        batch = next_of(spool)
        assert batch.batch.headers[MESSAGE_ID] == "node-1:1000-1001"
        spool.commit_tick({}, [reading("a")])
        spool.delete(batch)
        assert next_of(spool).batch.headers[MESSAGE_ID] == "node-1:1002-1002"


def test_a_lost_spool_does_not_use_its_message_ids_again(tmp_path: Path) -> None:
    ids = []
    for path, now_us in ((tmp_path / "first.db", 1000), (tmp_path / "second.db", 2000)):
        with Spool.open(path, NODE, now_us) as spool:
            spool.commit_tick({}, [reading()])
            ids.append(next_of(spool).batch.headers[MESSAGE_ID])
    assert ids == ["node-1:1000-1000", "node-1:2000-2000"]


def test_a_batch_too_large_for_the_queue_is_split_in_place(tmp_path: Path) -> None:
    with Spool.open(tmp_path / "spool.db", NODE, 10) as spool:
        spool.commit_tick({}, tick_of(0, INSTANCES[:5]))
        whole = next_of(spool)
        spool.split(whole)
        ids, found = [], []
        while (batch := spool.to_send()) is not None:
            ids.append(batch.batch.headers[MESSAGE_ID])
            found += events_of(batch)
            spool.delete(batch)
        assert spool.used_bytes == 0
    assert ids == ["node-1:10-11", "node-1:12-14"]
    assert found == events_of(whole)


def test_sequences_have_no_holes_whether_readings_are_sent_at_once_or_wait(tmp_path: Path) -> None:
    sent: list[UsageEvent] = []
    for start in range(0, 12, 3):
        with Spool.open(tmp_path / "spool.db", NODE, 0) as spool:
            for number in range(start, start + 3):
                spool.commit_tick(dict.fromkeys(INSTANCES, CHECKPOINT), tick_of(number))
            if start % 2:
                # As after a crash between the mark and the acknowledgement.
                assert next_of(spool) == next_of(spool)
            else:
                sent += drained(spool)
    with Spool.open(tmp_path / "spool.db", NODE, 0) as spool:
        sent += drained(spool)
    assert [event.sequence for event in sent if event.instance_id == "vm-3"] == list(range(1, 13))


def test_a_full_spool_makes_readings_longer_and_keeps_what_they_add_up_to(tmp_path: Path) -> None:
    ticks = 120
    with Spool.open(tmp_path / "spool.db", NODE, 0, bytes_max=20_000) as spool:
        coalesced = [spool.commit_tick({}, tick_of(number)) for number in range(ticks)]
        assert spool.used_bytes <= 20_000
        assert sum(coalesced) > 0
        events = drained(spool)
        assert spool.used_bytes == 0
    assert len(events) < len(INSTANCES) * ticks / 2
    by_instance: defaultdict[str, list[UsageEvent]] = defaultdict(list)
    for event in events:
        by_instance[event.instance_id].append(event)
    for index, each in enumerate(INSTANCES):
        history = by_instance[each]
        assert all(before.period.end == after.period.start for before, after in pairwise(history))
        assert (history[0].period.start, history[-1].period.end) == ("2027-01-15T08:00:00Z", "2027-01-15T09:00:00Z")
        assert [event.sequence for event in history] == list(range(1, len(history) + 1))
        assert sum(round(event.metrics.cpu_seconds * 1e6) for event in history) == sum(
            1000 * number + index for number in range(ticks)
        )
        assert {event.metrics.memory_gb for event in history} == {round(1 + index / 7, 6)}


def test_what_the_queue_may_have_is_never_coalesced(tmp_path: Path) -> None:
    """It would be there twice: once as it was sent, and once in what was made of it."""
    with Spool.open(tmp_path / "spool.db", NODE, 0, bytes_max=6_000) as spool:
        spool.commit_tick({}, tick_of(0))
        spool.commit_tick({}, tick_of(1))
        spool.delete(next_of(spool))
        attempted = next_of(spool)
        number = 2
        while not spool.commit_tick({}, tick_of(number)):
            number += 1
        assert next_of(spool) == attempted
        events = drained(spool)
    assert [event for event in events if event.period.start == tick_of(1)[0].period.start] == events_of(attempted)


def test_of_a_tick_in_parts_only_those_that_were_never_sent_are_coalesced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "EVENTS_PER_BATCH_MAX", 7)
    sent: list[UsageEvent] = []
    ids: list[str] = []

    def send_next() -> None:
        batch = next_of(spool)
        ids.append(batch.batch.headers[MESSAGE_ID])
        sent.extend(events_of(batch))
        spool.delete(batch)

    with Spool.open(tmp_path / "spool.db", NODE, 0) as spool:
        spool.commit_tick({}, tick_of(0))
        for number in range(1, 9):
            spool.commit_tick({}, tick_of(number))
        for _ in range(4):
            send_next()
        spool.bytes_max = spool.used_bytes
        assert spool.commit_tick({}, tick_of(9)) > 0
        while spool.waiting():
            send_next()
    assert len(set(ids)) == len(ids)
    for index, each in enumerate(INSTANCES):
        mine = [event for event in sent if event.instance_id == each]
        assert [event.sequence for event in mine] == list(range(1, len(mine) + 1))
        assert all(before.period.end == after.period.start for before, after in pairwise(mine))
        used_us = [1000 * number + index for number in range(10)]
        assert sum(round(event.metrics.cpu_seconds * 1e6) for event in mine) == sum(used_us)


def test_what_is_coarse_as_an_hour_allows_is_kept_and_the_tick_refused(tmp_path: Path) -> None:
    kept = 5
    hours = [[reading(each, 3600 * hour, 3600 * (hour + 1)) for each in INSTANCES] for hour in range(kept + 1)]
    with Spool.open(tmp_path / "spool.db", NODE, 0) as spool:
        for hour in hours[:kept]:
            spool.commit_tick({}, hour)
        spool.bytes_max = spool.used_bytes
        with pytest.raises(SpoolFull, match="as coarse as an hour allows"):
            spool.commit_tick({"a": CHECKPOINT}, hours[kept])
        assert spool.checkpoints() == {}
        assert spool.waiting() == kept
        assert len(drained(spool)) == kept * len(INSTANCES)


def test_the_configuration_is_there_after_a_restart(tmp_path: Path) -> None:
    with Spool.open(tmp_path / "spool.db", NODE, 0) as spool:
        assert spool.configuration() is None
        spool.keep_configuration(b"first")
        spool.keep_configuration(b"second")
    with Spool.open(tmp_path / "spool.db", NODE, 0) as spool:
        assert spool.configuration() == b"second"


def test_a_spool_of_the_first_format_goes_on_where_it_stood(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "spool.db")
    connection.executescript(
        """
        CREATE TABLE node (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), node_id TEXT NOT NULL,
            next_number INTEGER NOT NULL) STRICT;
        CREATE TABLE checkpoints (instance_id TEXT PRIMARY KEY, checkpoint BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE batches (first_number INTEGER PRIMARY KEY, payload BLOB NOT NULL, headers BLOB NOT NULL) STRICT;
        INSERT INTO node VALUES (1, 'node-1', 7);
        """
    )
    old = b'{"tick":{"end_us":5,"boot_id":"boot-1","monotonic_us":6},"counts":{"cpu_us":{"boot-1/7":8}},"sequence":9}'
    connection.execute("INSERT INTO checkpoints VALUES ('vm-1', ?)", (old,))
    waiting = pack([b'{"instance_id":"vm-1","sequence":9}'], NODE, 6, 6)
    headers = msgspec.json.encode(waiting.headers)
    connection.execute("INSERT INTO batches VALUES (6, ?, ?)", (waiting.payload, headers))
    connection.commit()
    connection.close()
    with Spool.open(tmp_path / "spool.db", NODE, 0) as spool:
        assert spool.checkpoints() == {"vm-1": Checkpoint(CHECKPOINT.tick, CHECKPOINT.counts)}
        spool.commit_tick(spool.checkpoints(), [reading("vm-1")])
        assert next_of(spool).batch == waiting
        spool.delete(next_of(spool))
        assert [event.sequence for event in drained(spool)] == [10]


def test_two_agents_do_not_share_a_spool(tmp_path: Path) -> None:
    with (
        Spool.open(tmp_path / "spool.db", NODE, 1),
        pytest.raises(SpoolUnusable, match="Another agent"),
        Spool.open(tmp_path / "spool.db", NODE, 1),
    ):
        pass


def test_a_spool_is_of_one_node(tmp_path: Path) -> None:
    with Spool.open(tmp_path / "spool.db", NODE, 1):
        pass
    with (
        pytest.raises(SpoolUnusable, match="belongs to the node 'node-1'"),
        Spool.open(tmp_path / "spool.db", "node-2", 1),
    ):
        pass


def test_a_file_that_is_no_spool_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_text("these are not the readings you are looking for\n" * 100)
    with pytest.raises(SpoolUnusable, match="cannot be used"), Spool.open(tmp_path / "spool.db", NODE, 1):
        pass


def test_a_spool_of_a_later_version_is_refused(tmp_path: Path) -> None:
    with Spool.open(tmp_path / "spool.db", NODE, 1):
        pass
    with sqlite3.connect(tmp_path / "spool.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(SpoolUnusable, match="later version"), Spool.open(tmp_path / "spool.db", NODE, 1):
        pass


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real filesystem of 8 MiB."""
    needs_root()
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], capture_output=True, check=False, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"no filesystem can be mounted here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path) -> None:
    with (disk / "someone-elses").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(os.urandom(4096))
        except OSError:
            return


def noisy_tick(number: int, readings: int = 400) -> list[UsageEvent]:
    """A tick of about 10 KiB, packed."""
    dice = random.Random(number)
    return [
        reading(
            f"vm-{index}", 30 * number, 30 * number + 30, cpu_us=dice.randrange(30_000_000), memory_gb=dice.random()
        )
        for index in range(readings)
    ]


def test_a_full_disk_coalesces_then_refuses_a_tick_whole_and_still_lets_batches_go(small_disk: Path) -> None:
    kept = 0
    with Spool.open(small_disk / "spool.db", NODE, 1) as spool:
        reserve = small_disk / "spool.db-reserve"
        assert reserve.stat().st_size == RESERVE_BYTES
        for number in range(3):
            spool.commit_tick({}, noisy_tick(number))
        fill(small_disk)
        coalesced = number = 0
        try:
            for number in range(3, 1000):
                coalesced += spool.commit_tick({f"b-{number}": CHECKPOINT}, noisy_tick(number))
        except SpoolFull:
            kept = number
        assert kept > 3
        assert coalesced > 0
        assert spool.checkpoints().keys() == {f"b-{kept - 1}"}
        events = drained(spool)
        (small_disk / "someone-elses").unlink()
        spool.commit_tick({"c": CHECKPOINT}, noisy_tick(kept))
        spool.delete(next_of(spool))
        assert reserve.stat().st_size == RESERVE_BYTES
    used_us = sum(round(event.metrics.cpu_seconds * 1e6) for number in range(kept) for event in noisy_tick(number))
    assert sum(round(event.metrics.cpu_seconds * 1e6) for event in events) == used_us
