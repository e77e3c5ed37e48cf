"""Mending, wired: its routes and what runs beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from fogbank.runtime.activity import ActivityLog
from fogbank.runtime.component import BackgroundTask
from fogbank.usage.flow import Flow
from fogbank.usage.mending.api.conflicts import conflict_routes
from fogbank.usage.mending.api.quarantine import quarantine_routes
from fogbank.usage.mending.api.readings import reading_routes
from fogbank.usage.mending.api.replays import replay_routes
from fogbank.usage.mending.conflicts import Conflicts
from fogbank.usage.mending.corrections import Corrections
from fogbank.usage.mending.quarantine import Quarantine
from fogbank.usage.mending.replays import Replays


@dataclass(frozen=True, slots=True)
class Mending:
    """What mending adds to the component."""

    routers: Sequence[APIRouter]
    tasks: Sequence[BackgroundTask]


def mending_of(flow: Flow, activity: ActivityLog | None, seed: bytes | None = None) -> Mending:
    """Mending of what flowed. Without an activity log nothing that an administrator would do can be done.

    `seed` is the installation's own private key, by which what is sent again is signed.
    """
    queue, engine, ingestion, stamps, clock = flow.queue, flow.engine, flow.ingestion, flow.stamps, flow.clock
    conflicts = Conflicts(queue, engine, ingestion, stamps, flow.rolling.interval_seconds)
    looking = BackgroundTask("conflicts", conflicts.run)
    if activity is None:
        return Mending([conflict_routes(engine)], [looking])
    corrections = Corrections(engine, stamps, activity, ingestion.intake, clock)
    replays = Replays(queue, engine, ingestion, stamps, activity, clock)
    routers = [
        conflict_routes(engine),
        reading_routes(corrections),
        quarantine_routes(Quarantine(queue, engine, activity, clock, seed)),
        replay_routes(replays),
    ]
    finishing = BackgroundTask("corrections", corrections.finish)
    return Mending(routers, [looking, finishing, BackgroundTask("replays", replays.run)])
