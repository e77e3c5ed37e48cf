"""The agent leaves the command line behind: it goes on in the same process, with nothing loaded but what it needs.

An agent runs for years on every host, and what reads options and settings is more than all the rest of it.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NoReturn

import msgspec
from msgspec import Struct

from fogbank.compute.agent.running import AgentSettings

PROCESS = "fogbank.cli.agent_process"
ALLOCATION = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TOP_PAD_": "16384"}
"""For glibc: what a tick takes for a moment goes back to the system, instead of being kept for the next."""


class Handover(Struct, frozen=True):
    """What the agent goes on with. `ready_fd` is where it says that it runs, if somebody listens."""

    settings: AgentSettings
    log_level: str
    log_format: str
    ready_fd: int | None = None


def hand_over(handover: Handover) -> NoReturn:
    """Become the agent. What it needs to know, secrets too, is in a file without a name and seen by nobody else."""
    reading = written(encode_handover(handover))
    for descriptor in (reading, handover.ready_fd):
        if descriptor is not None:
            os.set_inheritable(descriptor, True)
    environment = {**ALLOCATION, **os.environ}
    # The command line as it was stays at the end: by it a supervisor knows what it started.
    os.execve(sys.executable, [sys.executable, "-m", PROCESS, str(reading), *sys.orig_argv], environment)  # noqa: S606


def written(said: bytes) -> int:
    """A file without a name that holds `said`, of any length, to be read from its beginning."""
    # A pipe holds 64 KiB, and would wait for ever for who is to read the rest.
    descriptor = os.memfd_create("handover") if sys.platform == "linux" else _unnamed()
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(said)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _unnamed() -> int:
    with TemporaryFile() as file:
        return os.dup(file.fileno())


def take_over(descriptor: int) -> Handover:
    """What was handed over."""
    with os.fdopen(descriptor, "rb") as file:
        return decode_handover(file.read())


def encode_handover(handover: Handover) -> bytes:
    """What is handed over, as it is written."""
    return msgspec.json.encode(handover, enc_hook=str)


def decode_handover(said: bytes) -> Handover:
    """What was written."""
    return msgspec.json.decode(said, type=Handover, dec_hook=_path)


def _path(kind: type, value: Any) -> Any:
    assert kind is Path
    return Path(value)
