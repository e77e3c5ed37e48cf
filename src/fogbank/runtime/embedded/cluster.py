"""A PostgreSQL cluster on disk: how it is made, who may reach it, and what a dead server leaves in it."""

import os
import shutil
import subprocess
from pathlib import Path

import psutil

from fogbank.runtime.embedded.binaries import postgres_programs
from fogbank.runtime.embedded.files import closed_to, private_directory
from fogbank.runtime.embedded.owner import Owner
from fogbank.runtime.failures import ServerFailed, reason_in

SUPERUSER = "fogbank"


def create_cluster(data_dir: Path, cluster_dir: Path, owner: Owner | None) -> None:
    """`initdb` into a directory aside, renamed when complete: a half-made cluster is never taken for one."""
    fresh = cluster_dir.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    private_directory(fresh, *((owner.uid, owner.gid) if owner else ()))
    program = postgres_programs(data_dir, owner) / "initdb"
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    done = subprocess.run(
        [program, "-D", fresh, "-U", SUPERUSER, "-A", "trust", *locale],
        cwd="/",
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        user=owner.uid if owner else None,
        group=owner.gid if owner else None,
        extra_groups=[] if owner else None,
    )
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise ServerFailed(f"PostgreSQL's files could not be created: {reason_in(done.stderr)}.")
    fresh.rename(cluster_dir)


def require_way(data_dir: Path, owner: Owner) -> None:
    """`ServerFailed`, naming the directory, where `owner` cannot get to the cluster."""
    closed = closed_to(data_dir, owner.uid, owner.gid)
    if closed is not None:
        raise ServerFailed(
            f"PostgreSQL runs as user '{owner.name}', who may not enter {closed}; "
            f"allow it with `chmod o+x {closed}`, or choose another directory with FOGBANK_DATA."
        )


def clear_zombie_lock(cluster_dir: Path) -> None:
    """Remove the lock of a postmaster that is dead but was never reaped; PostgreSQL would take it for alive.

    Only when no process works in the cluster any more: its backends may outlive a killed postmaster by a moment.
    """
    lock = cluster_dir / "postmaster.pid"
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
        is_zombie = psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except (OSError, ValueError, psutil.Error):
        return
    if is_zombie and not _works_in(cluster_dir):
        lock.unlink(missing_ok=True)


def _works_in(directory: Path) -> bool:
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(directory):
                return True
        except psutil.Error:
            continue
    return False


def environment() -> dict[str, str]:
    """What PostgreSQL's programs see: nothing of ours, whose variables would change what they do."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
