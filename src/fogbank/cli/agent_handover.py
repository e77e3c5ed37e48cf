"""The agent leaves the command line behind: it goes on in the same process, with nothing loaded but what it needs.

An agent runs for years on every host, and what reads options and settings is more than all the rest of it.
"""

import os
import sys
from pathlib import Path
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
    ready_fd: int | None = None


def hand_over(handover: Handover) -> NoReturn:
    """Become the agent. What it needs to know, secrets too, is read from a pipe and seen by nobody else."""
    reading, writing = os.pipe()
    os.write(writing, encode_handover(handover))
    os.close(writing)
    for descriptor in (reading, handover.ready_fd):
        if descriptor is not None:
            os.set_inheritable(descriptor, True)
    environment = {**ALLOCATION, **os.environ}
    # The command line as it was stays at the end: by it a supervisor knows what it started.
    os.execve(sys.executable, [sys.executable, "-m", PROCESS, str(reading), *sys.orig_argv], environment)  # noqa: S606


def take_over(descriptor: int) -> Handover:
    """What was handed over through the pipe."""
    with os.fdopen(descriptor, "rb") as pipe:
        return decode_handover(pipe.read())


def encode_handover(handover: Handover) -> bytes:
    """What is handed over, as it goes through the pipe."""
    return msgspec.json.encode(handover, enc_hook=str)


def decode_handover(said: bytes) -> Handover:
    """What came out of the pipe."""
    return msgspec.json.decode(said, type=Handover, dec_hook=_path)


def _path(kind: type, value: Any) -> Any:
    assert kind is Path
    return Path(value)
