"""Compute's thresholds: they are kept as they were set, and refused by compute's own rules."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import Request
from pydantic import TypeAdapter
from tests.e2e.portal.stand_in.routes import Route, id_in
from tests.e2e.portal.world import FLEET, ORG, OTHER_ORG, USER, World

from fogbank.compute.client import ThresholdView
from fogbank.compute.thresholds.api import ThresholdBody
from fogbank.compute.thresholds.errors import Refusal
from fogbank.compute.thresholds.model import SubjectKind, Threshold
from fogbank.compute.thresholds.refusals import PROBLEMS
from fogbank.compute.thresholds.rules.permission import Setter, require_may_set, require_visible
from fogbank.compute.thresholds.views import threshold_view
from fogbank.runtime.problems import not_found

BODY = TypeAdapter(ThresholdBody)


def answers(route: Route, world: World) -> None:
    def listed(request: Request) -> object:
        account = request.query_params["account_id"]
        found = [each for each in world.thresholds.values() if each["account_id"] == account]
        return {"thresholds": found, "next_cursor": None}

    def firing(request: Request) -> object:
        account = request.query_params["account_id"]
        return {"firing": [each for each in world.firing if each["account_id"] == account], "next_cursor": None}

    def one(request: Request) -> dict[str, Any]:
        found = world.thresholds.get(id_in(request))
        if found is None or found["account_id"] not in (USER, ORG, OTHER_ORG):
            raise not_found("threshold", id_in(request))
        return found

    def create(request: Request) -> object:
        view = _set(world, request.state.body, request.state.body["id"])
        return world.thresholds.setdefault(view["id"], view)

    def change(request: Request) -> object:
        world.thresholds[id_in(request)] = _set(world, request.state.body, one(request)["id"])
        return one(request)

    def remove(request: Request) -> object:
        return world.thresholds.pop(one(request)["id"])

    route("/api/v1/thresholds", "thresholds", listed)
    route("/api/v1/thresholds", "thresholds", create, "POST")
    route("/api/v1/thresholds/states", "thresholds", firing)
    route("/api/v1/thresholds/{id}", "thresholds", one)
    route("/api/v1/thresholds/{id}", "thresholds", change, "PUT")
    route("/api/v1/thresholds/{id}", "thresholds", remove, "DELETE")


def _set(world: World, body: dict[str, Any], threshold_id: str) -> dict[str, Any]:
    setter = Setter(USER, {ORG: world.role, OTHER_ORG: "viewer"}, is_administrator=False)
    try:
        terms = BODY.validate_python(body).terms()
        known = {f"i-{name}": ORG for name in FLEET}
        is_instance = terms.subject.kind is SubjectKind.INSTANCE
        account = known.get(terms.subject.id, "") if is_instance else terms.subject.id
        require_visible(setter, terms.subject, account)
        require_may_set(setter, terms.subject, account, terms.action)
    except Refusal as refusal:
        raise PROBLEMS[type(refusal)](refusal) from None
    return asdict(_view(Threshold(threshold_id, terms, account, False, 1, USER, world.now, world.now)))


def _view(threshold: Threshold) -> ThresholdView:
    return threshold_view(threshold)


def threshold(world: World, threshold_id: str, **body: Any) -> dict[str, Any]:
    """A threshold that is set already; 7 days of runway of the organisation where nothing else is said."""
    usual = {"resource_type": "runway", "threshold_type": "absolute", "threshold_value": 7, "units": "days"}
    usual |= {"action": "notify", "notification_channels": ["email", "portal"]}
    usual |= {} if "instance_id" in body or "user_id" in body else {"org_id": ORG}
    world.thresholds[threshold_id] = _set(world, usual | body, threshold_id)
    return world.thresholds[threshold_id]


def fires(world: World, threshold_id: str, value: str, since: datetime, **facts: str) -> None:
    """That one is firing."""
    known = world.thresholds[threshold_id]
    names = ("name", "resource_type", "threshold_type", "threshold_value", "units", "action", "account_id")
    told = {name: known[name] for name in names}
    nobody = dict.fromkeys(("user_id", "org_id", "instance_id", "node_id"), "")
    world.firing.append(nobody | told | {"threshold_id": threshold_id, "value": value, "since": since} | facts)
