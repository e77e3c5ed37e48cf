"""The lock of a dead postmaster goes; that of one that lives, or whose backends still work, stays."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fogbank.runtime.embedded.cluster import clear_zombie_lock


@contextmanager
def zombie() -> Iterator[int]:
    """The pid of a process that ended and is not reaped while in this block."""
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    try:
        yield process.pid
    finally:
        process.wait()


def lock_of(cluster_dir: Path, pid: int) -> Path:
    lock = cluster_dir / "postmaster.pid"
    lock.write_text(f"{pid}\n{cluster_dir}\n")
    return lock


def test_the_lock_of_an_unreaped_postmaster_goes(tmp_path: Path) -> None:
    with zombie() as pid:
        lock = lock_of(tmp_path, pid)
        clear_zombie_lock(tmp_path)
        assert not lock.exists()


def test_the_lock_of_a_living_postmaster_stays(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, os.getpid())
    clear_zombie_lock(tmp_path)
    assert lock.exists()


def test_the_lock_stays_while_a_backend_still_works_in_the_cluster(tmp_path: Path) -> None:
    with zombie() as pid, subprocess.Popen(["/bin/sleep", "600"], cwd=tmp_path) as backend:
        lock = lock_of(tmp_path, pid)
        clear_zombie_lock(tmp_path)
        assert lock.exists()
        backend.kill()


def test_a_lock_that_names_nobody_is_postgres_business(tmp_path: Path) -> None:
    clear_zombie_lock(tmp_path)
    lock = tmp_path / "postmaster.pid"
    lock.write_text("nonsense")
    clear_zombie_lock(tmp_path)
    assert lock.exists()
