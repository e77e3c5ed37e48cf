"""The queue's routes: the door for others' readings, and the registry of what crosses the wire."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from fogbank.queue.door import counters
from fogbank.queue.door.allowance import Allowances, limit_header, policy_header
from fogbank.queue.door.description import ALL, ANSWERS, REQUEST, SOME, SUMMARY
from fogbank.queue.door.problems import FAILURES, none_valid, problem_of, verdict_of
from fogbank.queue.door.reading import BodyEvents
from fogbank.queue.door.service import Door
from fogbank.queue.door.tenancy import Senders
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import MonotonicClock
from fogbank.runtime.http.caller import current_caller, require_scope
from fogbank.runtime.http.describing import SIGNED_IN
from fogbank.runtime.http.limits import announced_bytes
from fogbank.runtime.problems import Problem

EVENTS_PATH = "/api/v1/events"
SCOPE = "usage:write"
NANOS = 1_000_000_000
JSON = "application/json"

may_write = require_scope(SCOPE)


def door_routes(door: Door, open_to: Senders, allowances: Allowances, monotonic: MonotonicClock) -> APIRouter:
    """The door. It reads the request itself: no framework looks at a body of thousands of events."""
    router = APIRouter(tags=["usage"])
    gate = _Gate(door, open_to, allowances, monotonic)

    @router.post(
        EVENTS_PATH,
        status_code=ALL,
        response_class=Response,
        response_model=None,
        summary=SUMMARY,
        responses=ANSWERS,
        openapi_extra={**REQUEST, "security": SIGNED_IN},
    )
    async def send_events(request: Request) -> Response:
        """One event, an array, NDJSON, or CloudEvents 1.0 (structured, binary, batch); gzip or zstd if you like.

        An answer of 202 means that every event is on disk. Sending an event again is harmless: its identity is
        (instance_id, period.start), and the first accepted reading wins. With 207 some are on disk, and `errors` says
        what is wrong with each other one; with 422 none is.
        """
        return await gate.pass_(request)

    return router


@dataclass(frozen=True, slots=True)
class _Gate:
    """Who may send, and how fast, around the door."""

    door: Door
    open_to: Senders
    allowances: Allowances
    monotonic: MonotonicClock

    async def pass_(self, request: Request) -> Response:
        caller = await current_caller(request)
        await may_write(caller)
        if not self.open_to.include(caller):
            raise Problem(403, "door-closed", "Only administrators send readings here; ask one of them.")
        try:
            events = await self._taken(request, caller)
        except Problem as problem:
            counters.REFUSED.labels(problem.kind).inc()
            problem.headers.update(self._limits(caller))
            raise
        return _answer(events, self._limits(caller))

    async def _taken(self, request: Request, caller: Caller) -> BodyEvents:
        try:
            self._require(caller, self.allowances.per_second)
            body = await self._body(request, caller)
            # Again, because many bodies may have been read at once, and how many events they hold is known only now.
            self._require(caller, ("events",))
            events = await self.door.take(caller, request.headers, body)
        except FAILURES as failure:
            raise problem_of(failure) from failure
        self._spend(caller, events=events.count)
        counters.EVENTS.labels("accepted").inc(len(events.valid))
        counters.EVENTS.labels("wrong").inc(len(events.wrong))
        if not events.valid:
            raise none_valid(events)
        return events

    async def _body(self, request: Request, caller: Caller) -> bytes:
        """The body. Its bytes are spent before it is read, so that many at once do not pass as one."""
        length = request.headers.get("content-length")
        announced = self.door.limits.body_bytes_max if length is None else announced_bytes(length)
        self._spend(caller, requests=1, bytes=announced)
        try:
            body = await request.body()
        except ClientDisconnect:
            raise Problem(400, "body-cut-off", "The body ended before it was complete; send it again.") from None
        self._spend(caller, bytes=len(body) - announced)
        counters.BYTES.inc(len(body))
        return body

    def _require(self, caller: Caller, kinds: Iterable[str]) -> None:
        if _is_limited(caller):
            self.allowances.require(caller.id, self._now_nanos(), kinds)

    def _spend(self, caller: Caller, **amounts: int) -> None:
        if _is_limited(caller):
            self.allowances.spend(caller.id, self._now_nanos(), amounts)

    def _limits(self, caller: Caller) -> Mapping[str, str]:
        if not _is_limited(caller):
            return {}
        return {
            "ratelimit-policy": policy_header(self.allowances.per_second),
            "ratelimit": limit_header(self.allowances, caller.id, self._now_nanos()),
        }

    def _now_nanos(self) -> int:
        return round(self.monotonic() * NANOS)


def _is_limited(caller: Caller) -> bool:
    """Everybody but our own services."""
    return caller.kind is not CallerKind.SERVICE


def _answer(events: BodyEvents, headers: Mapping[str, str]) -> Response:
    status = SOME if events.wrong else ALL
    return Response(msgspec.json.encode(verdict_of(events)), status, headers, JSON)
