"""Components: what the services of one process are made of, and how each says that it is well."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter

from fogbank.runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class BackgroundTask:
    """Work that runs beside the routes until it is cancelled. When it fails, it is logged and started again."""

    name: str
    run: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """Work that is due at certain times, once whatever the number of processes: `cron` is in UTC, minutes first."""

    name: str
    cron: str
    run: Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Health:
    """How a component is: it reports each success and failure of its main work here."""

    clock: Clock
    is_ok: bool = True
    detail: str = "starting"
    last_success_at: datetime | None = None

    def succeeded(self, detail: str) -> None:
        self.is_ok, self.detail, self.last_success_at = True, detail, self.clock()

    def failed(self, detail: str) -> None:
        self.is_ok, self.detail = False, detail


@dataclass(frozen=True, slots=True)
class Component:
    """One component, wired: its name, its routes, its background work and its health.

    `large_bodies` names the paths whose requests may carry more than the usual 1 MiB, and how many bytes; they may be
    templates, as `/things/{id}` is.
    """

    name: str
    health: Health
    routers: Sequence[APIRouter] = field(default=())
    tasks: Sequence[BackgroundTask] = field(default=())
    jobs: Sequence[PeriodicJob] = field(default=())
    large_bodies: Mapping[str, int] = field(default_factory=dict)
