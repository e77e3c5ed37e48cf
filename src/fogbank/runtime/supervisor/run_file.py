"""What the running system tells the other commands of itself: where its parts answer, in a private file."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from fogbank.runtime.embedded.files import write_private
from fogbank.runtime.supervisor.lock import is_held


@dataclass(frozen=True, slots=True)
class RunFile:
    """Where the parts of a running system are. Passwords are not here but in the data directory's `secrets`.

    `url` is the one that people open, which may lead through proxies of theirs; the others are for this machine.
    """

    url: str
    services_url: str
    usage_url: str
    postgres_url: str
    queue_url: str
    queue_user: str
    pids: dict[str, int]


def write_run_file(data_dir: Path, run: RunFile) -> None:
    write_private(run_file_path(data_dir), msgspec.json.format(msgspec.json.encode(run)).decode())


def running_system(data_dir: Path) -> RunFile | None:
    """What runs in `data_dir`, or None: a file that a killed system left behind tells nothing."""
    try:
        if not is_held(data_dir):
            return None
        return msgspec.json.decode(run_file_path(data_dir).read_bytes(), type=RunFile)
    except (OSError, msgspec.DecodeError):
        return None


def run_file_path(data_dir: Path) -> Path:
    return data_dir / "run" / "fogbank.json"
