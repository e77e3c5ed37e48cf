"""Notifications: one person's notices and preferences."""

from datetime import time
from typing import Any

from fastapi import Request
from tests.e2e.portal.stand_in.routes import Route, id_in
from tests.e2e.portal.world import ORG, World

from fogbank.notifications.errors import NoTimeZone, QuietTooLong
from fogbank.notifications.model import QuietHours
from fogbank.notifications.rules.quiet import require_sensible
from fogbank.runtime.problems import Problem, not_found


def answers(route: Route, world: World) -> None:
    def listed(request: Request) -> object:
        asked = request.query_params
        below, limit = int(asked.get("before", 10**9)), int(asked["limit"])
        found = [each for each in reversed(world.notices) if int(each["cursor"]) < below]
        found = [each for each in found if not (asked.get("unread") and each["read_at"])][:limit]
        return {"notices": found, "next_cursor": found[-1]["cursor"] if len(found) == limit else None}

    def unread(_: Request) -> object:
        count = sum(each["read_at"] is None for each in world.notices)
        return {"count": min(count, 100), "is_more": count > 100}

    def read_up_to(request: Request) -> object:
        up_to = int(request.state.body["up_to"])
        return _read(world, [each for each in world.notices if int(each["cursor"]) <= up_to])

    def read_one(request: Request) -> object:
        found = [each for each in world.notices if each["id"] == id_in(request)]
        if not found:
            raise not_found("notice", id_in(request))
        return _read(world, found)

    def put_preferences(request: Request) -> object:
        world.preferences = _sensible(request.state.body)
        return world.preferences

    route("/api/v1/notifications", "notifications", listed)
    route("/api/v1/notifications/unread", "notifications", unread)
    route("/api/v1/notifications/read", "notifications", read_up_to, "POST")
    route("/api/v1/notifications/{id}/read", "notifications", read_one, "POST")
    route("/api/v1/notifications/preferences", "notifications", lambda _: world.preferences)
    route("/api/v1/notifications/preferences", "notifications", put_preferences, "PUT")


def _read(world: World, notices: list[dict[str, Any]]) -> object:
    fresh = [each for each in notices if each["read_at"] is None]
    for each in fresh:
        each["read_at"] = world.now
    return {"read": len(fresh)}


def _sensible(body: dict[str, Any]) -> dict[str, Any]:
    """Refuses by notifications' own rule."""
    hours = body["quiet_hours"]
    if hours is None:
        return body
    try:
        from_time, to_time = time.fromisoformat(hours["from_time"]), time.fromisoformat(hours["to_time"])
        require_sensible(QuietHours(from_time, to_time, hours["timezone"]))
    except NoTimeZone:
        raise _invalid("quiet_hours.timezone", "is not a time zone") from None
    except QuietTooLong:
        raise _invalid("quiet_hours", "must last 20 hours at most") from None
    return body


def _invalid(field: str, reason: str) -> Problem:
    return Problem(422, "invalid-request", "No.", extra={"errors": [{"field": f"body.{field}", "reason": reason}]})


def notice(world: World, title: str, **facts: Any) -> dict[str, Any]:
    """Another notice: an alert of the organisation that nobody has read, where nothing else is said."""
    number = len(world.notices) + 1
    told: dict[str, Any] = {
        "id": f"threshold.violated:t:{number}",
        "cursor": str(number),
        "title": title,
        "account_id": ORG,
    }
    told |= {"event_type": "threshold_violation", "text": "It is 512.4 GB now. The limit is 500 GB.", "data": {}}
    told |= {"instance_id": None, "occurred_at": world.now, "is_urgent": False, "read_at": None, "email": None}
    world.notices.append(told | facts)
    return world.notices[-1]
