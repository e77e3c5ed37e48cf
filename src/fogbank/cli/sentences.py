"""Expected failures as words: what may go wrong without a mistake in our code, in one sentence, and its exit code."""

import errno
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httpx
import psycopg

from fogbank.backup.errors import BackupFailed
from fogbank.billing.rules.price_book import PriceBookUnreadable
from fogbank.cli.failures import Refused
from fogbank.cli.terminal import FAILED, MISUSED, as_sentence
from fogbank.compute.agent.collectors import ExtraMissing
from fogbank.compute.agent.collectors.hierarchy import NoCgroups
from fogbank.compute.agent.running import SettingRefused
from fogbank.compute.agent.spool import SpoolUnusable
from fogbank.queue.client import QueueUnavailable
from fogbank.runtime.failures import ServerFailed
from fogbank.runtime.ports import PortForbidden, PortTaken
from fogbank.runtime.problems import Problem
from fogbank.runtime.roles import RolesDenied
from fogbank.runtime.settings_sources import SettingWrong
from fogbank.runtime.supervisor.lock import AlreadyRunning


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
    (SettingRefused, lambda error: as_sentence(f"The agent cannot run: {error}"), MISUSED),
    (PriceBookUnreadable, lambda error: as_sentence(str(error)), MISUSED),
    (NoCgroups, lambda error: as_sentence(str(error)), FAILED),
    (ExtraMissing, str, FAILED),
    (SpoolUnusable, str, FAILED),
    (ServerFailed, str, FAILED),
    (AlreadyRunning, str, FAILED),
    (BackupFailed, str, FAILED),
    (PortTaken, str, FAILED),
    (PortForbidden, str, FAILED),
    (Problem, lambda error: error.detail, FAILED),
    (RolesDenied, str, MISUSED),
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
    if isinstance(error, Problem) and error.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return error.detail, MISUSED  # what the command line asked for is wrong, and a service was the first to see it
    return next(((say(error), code) for kind, say, code in EXPECTED if isinstance(error, kind)), None)
