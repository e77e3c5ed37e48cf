"""The spool keeps a tick whole, belongs to one agent, and works on a full disk."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fogbank.compute.agent.model import Checkpoint, Counter, Tick
from fogbank.compute.agent.spool import RESERVE_BYTES, Spool, SpoolFull, SpoolUnusable
from fogbank.events.batch import MESSAGE_ID, unpack

NODE = "node-1"
CHECKPOINT = Checkpoint(Tick(5, "boot-1", 6), {Counter.CPU_US: {"boot-1/7": 8}}, sequence=9)


def test_checkpoints_and_batches_are_there_after_a_restart(tmp_path: Path) -> None:
    with Spool.open(tmp_path / "spool.db", NODE, 1000) as spool:
        spool.commit_tick({"a": CHECKPOINT}, [b"{}", b"{}"])
    with Spool.open(tmp_path / "spool.db", NODE, 2000) as spool:
        assert spool.checkpoints() == {"a": CHECKPOINT}
        batch = spool.oldest()
        assert batch is not None
        assert batch.batch.headers[MESSAGE_ID] == "node-1:1000-1001"
        spool.commit_tick({}, [b"{}"])
        spool.delete(batch)
        following = spool.oldest()
        assert following is not None
        assert following.batch.headers[MESSAGE_ID] == "node-1:1002-1002"


def test_a_lost_spool_does_not_use_its_message_ids_again(tmp_path: Path) -> None:
    ids = []
    for path, now_us in ((tmp_path / "first.db", 1000), (tmp_path / "second.db", 2000)):
        with Spool.open(path, NODE, now_us) as spool:
            spool.commit_tick({}, [b"{}"])
            batch = spool.oldest()
            assert batch is not None
            ids.append(batch.batch.headers[MESSAGE_ID])
    assert ids == ["node-1:1000-1000", "node-1:2000-2000"]


def test_a_batch_too_large_for_the_queue_is_split_in_place(tmp_path: Path) -> None:
    events = [f'{{"n":{index}}}'.encode() for index in range(5)]
    with Spool.open(tmp_path / "spool.db", NODE, 10) as spool:
        spool.commit_tick({}, events)
        whole = spool.oldest()
        assert whole is not None
        spool.split(whole)
        ids, found = [], []
        while (batch := spool.oldest()) is not None:
            ids.append(batch.batch.headers[MESSAGE_ID])
            found += [bytes(event) for event in unpack(batch.batch.payload, batch.batch.headers)]
            spool.delete(batch)
    assert ids == ["node-1:10-11", "node-1:12-14"]
    assert found == events


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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real filesystem of 8 MiB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small filesystem")
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


def test_a_full_disk_refuses_a_tick_whole_and_still_lets_batches_go(small_disk: Path) -> None:
    events = [os.urandom(50_000).hex().encode() for _ in range(10)]
    with Spool.open(small_disk / "spool.db", NODE, 1) as spool:
        reserve = small_disk / "spool.db-reserve"
        assert reserve.stat().st_size == RESERVE_BYTES
        spool.commit_tick({"a": CHECKPOINT}, events)
        fill(small_disk)
        refused = 0
        while not refused:
            try:
                spool.commit_tick({f"b-{spool.waiting()}": CHECKPOINT}, events)
            except SpoolFull:
                refused += 1
        written = spool.waiting()
        assert len(spool.checkpoints()) == written
        while (batch := spool.oldest()) is not None:
            spool.delete(batch)
        (small_disk / "someone-elses").unlink()
        spool.commit_tick({"c": CHECKPOINT}, events)
        last = spool.oldest()
        assert last is not None
        spool.delete(last)
        assert reserve.stat().st_size == RESERVE_BYTES
