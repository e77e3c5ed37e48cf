"""Expected failures: what may go wrong without a mistake in our code, as one sentence and an exit code."""

import errno
from collections.abc import Callable
from typing import Any

import httpx
import psycopg

from fogbank.cli.terminal import FAILED, MISUSED
from fogbank.queue.client import QueueUnavailable
from fogbank.runtime.embedded.credentials import NotANodeId
from fogbank.runtime.failures import ServerFailed
from fogbank.runtime.ports import PortForbidden, PortTaken
from fogbank.runtime.problems import Problem
from fogbank.runtime.settings_sources import SettingWrong
from fogbank.runtime.supervisor.lock import AlreadyRunning


class Refused(Exception):
    """A command that cannot be done as asked; the text is the sentence for the user."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.code = code


class NothingRuns(Refused):
    """A command that asks a running system, where there is none."""

    def __init__(self, data: object) -> None:
        super().__init__(f"Nothing runs in {data}; start it with `fogbank up`, or name it with FOGBANK_DATA.")


def _system_sentence(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        where = f" ({error.filename})" if error.filename else ""
        return f"The disk is full{where}; nothing that was acknowledged is lost: make room and start again."
    said = (error.strerror or str(error)).lower()
    return f"{error.filename}: {said}." if error.filename else f"The system refused: {said}."


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


Sentence = Callable[[Any], str]

EXPECTED: list[tuple[type[BaseException], Sentence, int]] = [
    (SettingWrong, str, MISUSED),
    (NotANodeId, str, MISUSED),
    (ServerFailed, str, FAILED),
    (AlreadyRunning, str, FAILED),
    (PortTaken, str, FAILED),
    (PortForbidden, str, FAILED),
    (Problem, lambda error: error.detail, FAILED),
    (QueueUnavailable, lambda error: f"The queue does not answer: {error}.", FAILED),
    (psycopg.OperationalError, lambda error: f"The database does not answer: {_first_line(error)}.", FAILED),
    (httpx.TransportError, lambda error: f"The service does not answer: {error or type(error).__name__}.", FAILED),
    (OSError, _system_sentence, FAILED),
]


def sentence_for(error: BaseException) -> tuple[str, int] | None:
    """What to say about `error`, and the exit code; None for what is our mistake and deserves its traceback."""
    if isinstance(error, BaseExceptionGroup):
        return next((known for each in error.exceptions if (known := sentence_for(each))), None)
    if isinstance(error, Refused):
        return str(error), error.code
    return next(((say(error), code) for kind, say, code in EXPECTED if isinstance(error, kind)), None)
