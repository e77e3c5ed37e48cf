"""Logs: one line an event, for people on a console or for machines as JSON, always to standard error.

What is logged are facts with names. Tracebacks never show local variables, which may hold a customer's secrets, and
values under names that sound secret are left out whoever logs them.
"""

import logging
import sys
from collections.abc import MutableMapping
from enum import StrEnum
from typing import Any

import structlog
from structlog.typing import Processor

from fogbank.runtime.request_id import current_request_id

HIDDEN = "(hidden)"
SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "api_key", "private")


class LogFormat(StrEnum):
    """How log lines look."""

    CONSOLE = "console"
    JSON = "json"


def configure_logs(form: LogFormat, level: str = "info") -> None:
    """Make structlog and the standard library's loggers write alike, from `level` (`debug` … `error`) on."""
    shared: list[Processor] = [
        add_request_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        hide_secrets,
        escape_controls,
    ]
    level_number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level_number),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_last_processors(form))
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level_number)
    for chatty in ("httpx", "httpcore", "uvicorn.access", "alembic", "procrastinate"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _last_processors(form: LogFormat) -> list[Processor]:
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if form is LogFormat.JSON:
        return [remove_meta, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    plain_traceback = structlog.dev.plain_traceback
    return [remove_meta, structlog.dev.ConsoleRenderer(exception_formatter=plain_traceback, colors=sys.stderr.isatty())]


def add_request_id(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Name the request during which it happened, if it did during one."""
    identifier = current_request_id()
    if identifier is not None:
        event["request_id"] = identifier
    return event


def hide_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave out values whose names sound secret: the last net, not the first."""
    for name in event:
        if any(word in name.lower() for word in SECRET_WORDS):
            event[name] = HIDDEN
    return event


def escape_controls(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Write what is not printable by its number: what strangers send must not steer the terminal that it is read on."""
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[name] = "".join(each if each.isprintable() or each in "\n\t" else repr(each)[1:-1] for each in value)
    return event
