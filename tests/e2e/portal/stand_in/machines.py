"""Compute and usage: who reports now, and how long each ran."""

from dataclasses import fields
from datetime import timedelta

from fastapi import Request
from tests.e2e.portal.stand_in.routes import Route, id_in
from tests.e2e.portal.world import FLEET, ORG, USER, World

from fogbank.compute.client import CurrentMetrics
from fogbank.kernel.periods import month_of


def answers(route: Route, world: World) -> None:
    def current(request: Request) -> object:
        is_there = id_in(request) == ORG and world.is_reporting and not (world.is_new and not world.per_hour)
        names = list(FLEET) if is_there and not world.is_new else []
        end = world.now.replace(second=30)
        zeros = dict.fromkeys((each.name for each in fields(CurrentMetrics)), 0.0)
        instances = [
            {
                "instance_id": f"i-{name}",
                "user_id": USER,
                "org_id": ORG,
                "metrics": zeros,
                "period": {"start": end - timedelta(seconds=30), "end": end},
                "per_second": {},
                "age_seconds": 4.0,
                "is_stale": name == "batch-etl",
            }
            for name in names
            if name != "gpu-l40s-dev"
        ]
        totals = {"instances": len(instances), "stale_instances": 1, "per_second": {}}
        return {"id": id_in(request), "at": world.now, "totals": totals, "instances": instances, "next_cursor": None}

    def history(request: Request) -> object:
        start = month_of(world.now).start_at
        seconds = {name: 86_400 * 24 - sum(map(ord, name)) * 613 for name in FLEET}
        rows = [
            {"start": start, "end": world.now, "group": {"instance": f"i-{name}"}, "averages": {}, "events": 1}
            | {"quantities": {"instance_seconds": str(seconds[name])}}
            for name in FLEET
            if not world.is_new and id_in(request) == ORG
        ]
        return {"rows": rows, "complete_until": world.now, "next_cursor": None}

    route("/api/v1/usage/activity", "compute", lambda _: {"events_per_second": 0.2667, "window_seconds": 60})
    route("/api/v1/usage/{kind}/{id}/current", "compute", current)
    route("/api/v1/usage/{kind}/{id}/history", "usage", history)
