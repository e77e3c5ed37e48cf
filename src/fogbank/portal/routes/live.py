"""The stream of a page that is open: bell and figures as they change, a word when costs moved (server-sent events)."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from fogbank.portal.page_route import TOKEN_REFUSED, page_route
from fogbank.portal.service import LiveFacts
from fogbank.portal.sessions import NotSignedIn
from fogbank.portal.views.bell import Bell, bell_of
from fogbank.portal.visit import Reception, Visit
from fogbank.portal.watch import BEAT, Watch, event_of, shown_bell
from fogbank.runtime.http.serve import stopping
from fogbank.runtime.problems import Problem
from fogbank.runtime.waiting import until_set

LOOK_SECONDS = 2.0
"""How often a stream looks for changes. Readings come twice a minute, charges too."""

STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def live_routes(reception: Reception, look_seconds: float = LOOK_SECONDS) -> APIRouter:
    router = APIRouter(route_class=page_route(reception.pages), include_in_schema=False)

    @router.get("/live")
    async def stream(request: Request) -> Response:
        await reception.visit(request)  # whoever is not signed in hears it at once, as an answer
        events = _events(reception, request, stopping(request), look_seconds)
        return StreamingResponse(events, headers=STREAM_HEADERS, media_type="text/event-stream")

    return router


async def _events(
    reception: Reception, request: Request, stop: asyncio.Event, look_seconds: float
) -> AsyncIterator[bytes]:
    """Looks, tells what changed, waits; until the browser leaves, the session ends or the process stops."""
    params = request.query_params
    watch = Watch(shown_bell(request.headers.get("last-event-id", ""), params.get("bell", "")))
    while not stop.is_set():
        try:
            visit = await reception.visit(request)
            facts, bell = await _look(visit, has_figures="figures" in params)
            for event in watch.changes(facts, bell, visit.formats, visit.now):
                yield event
        except NotSignedIn:
            yield event_of("signed-out", "")
            return
        except Problem as problem:
            # Accounts is away for a moment, or a role has changed: say nothing new, look again.
            if problem.kind == TOKEN_REFUSED:
                request.state.forget_person()
            yield BEAT
        await until_set(stop, look_seconds)


async def _look(visit: Visit, *, has_figures: bool) -> tuple[LiveFacts | None, Bell | None]:
    if not has_figures:
        return None, bell_of(await visit.desk.unread())
    facts, unread = await asyncio.gather(visit.desk.live(), visit.desk.unread())
    return facts, bell_of(unread)
