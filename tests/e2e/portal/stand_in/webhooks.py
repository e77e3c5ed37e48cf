"""Notifications' webhooks: made once per key, and what was sent to them."""

from typing import Any

from fastapi import Request
from tests.e2e.portal.stand_in.routes import Route, id_in
from tests.e2e.portal.world import ORG, USER, World

from fogbank.notifications.webhooks.rules import manages_webhooks
from fogbank.runtime.problems import Problem, not_found

PATH = "/api/v1/webhooks"
SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def answers(route: Route, world: World) -> None:
    def listed(request: Request) -> object:
        found = [each for each in world.webhooks.values() if each["account_id"] == request.query_params["account_id"]]
        return {"webhooks": found, "next_cursor": None}

    def one(request: Request) -> dict[str, Any]:
        found = world.webhooks.get(id_in(request))
        if found is None or (found["account_id"] == ORG and not manages_webhooks(world.role)):
            raise not_found("webhook", id_in(request))
        return found

    def change(request: Request) -> object:
        is_enabled = request.state.body["is_enabled"]
        return one(request).update(is_enabled=is_enabled, disabled_because=None if is_enabled else "asked") or one(
            request
        )

    def renew(_: Request) -> object:
        return {"secret": SECRET.lower(), "both_until": world.now}

    route(PATH, "notifications", listed)
    route(PATH, "notifications", lambda request: _create(world, request), "POST")
    route(f"{PATH}/{{id}}", "notifications", one)
    route(f"{PATH}/{{id}}", "notifications", change, "PATCH")
    route(f"{PATH}/{{id}}", "notifications", lambda request: world.webhooks.pop(one(request)["id"]), "DELETE")
    route(f"{PATH}/{{id}}/secret", "notifications", renew, "POST")
    _deliveries(route, world)


def _deliveries(route: Route, world: World) -> None:
    def log(request: Request) -> object:
        below, limit = int(request.query_params.get("before", 10**9)), int(request.query_params["limit"])
        numbered = [(number, each) for number, each in enumerate(world.deliveries) if number < below]
        page = list(reversed(numbered))[:limit]
        return {
            "deliveries": [each for _, each in page],
            "next_cursor": str(page[-1][0]) if len(page) == limit else None,
        }

    def replay(request: Request) -> object:
        found = [each for each in world.deliveries if each["id"] == request.path_params["delivery_id"]]
        if not found:
            raise not_found("delivery", request.path_params["delivery_id"])
        found[0]["state"] = "pending"
        return found[0]

    route(f"{PATH}/{{id}}/deliveries", "notifications", log)
    route(f"{PATH}/{{id}}/test", "notifications", lambda _: delivery(world, "test"), "POST")
    route(f"{PATH}/{{id}}/deliveries/{{delivery_id}}/replay", "notifications", replay, "POST")


def _create(world: World, request: Request) -> object:
    body = request.state.body
    if not body["url"].startswith("https://"):
        fault = {"field": "url", "reason": "must begin with https://"}
        raise Problem(422, "invalid-request", "No.", extra={"errors": [fault]})
    made = webhook(world, request.headers["idempotency-key"], body["url"], account_id=body["org_id"] or USER)
    made.update(event_types=body["event_types"], description=body["description"])
    return {"webhook": made, "secret": SECRET}


def webhook(world: World, webhook_id: str, url: str, **facts: Any) -> dict[str, Any]:
    """A webhook of the organisation that works, where nothing else is said."""
    usual: dict[str, Any] = {
        "id": webhook_id,
        "url": url,
        "event_types": ["balance_low"],
        "account_id": ORG,
        "description": "",
    }
    usual |= dict.fromkeys(("user_id", "org_id", "instance_id", "disabled_because", "disabled_at", "failing_since"))
    usual |= {"is_enabled": True, "last_success_at": world.now, "created_at": world.now, "description": ""}
    world.webhooks[webhook_id] = usual | facts
    return world.webhooks[webhook_id]


def delivery(world: World, event_type: str, *, status: int | None = None, state: str = "pending") -> dict[str, Any]:
    """Another delivery; with a status, one that was attempted once."""
    attempt = {"number": 1, "started_at": world.now, "duration_ms": 34, "status": status, "answer": "<b>thanks</b>"}
    told: dict[str, Any] = {
        "id": f"msg_{len(world.deliveries)}",
        "event_type": event_type,
        "state": state,
        "created_at": world.now,
    }
    told |= {"next_attempt_at": world.now, "ended_at": None, "payload": f'{{"type":"{event_type}"}}'}
    told |= {"attempts": [attempt | {"detail": ""}] if status else []}
    world.deliveries.append(told)
    return told
