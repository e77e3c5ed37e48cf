"""The stream of a page that is open: figures as they change, and a word when costs moved (server-sent events)."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from fogbank.portal.page_route import page_route
from fogbank.portal.sessions import NotSignedIn
from fogbank.portal.visit import Reception
from fogbank.portal.watch import BEAT, Watch, event_of
from fogbank.runtime.http.serve import stopping
from fogbank.runtime.problems import Problem

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
    watch = Watch()
    while not stop.is_set():
        try:
            visit = await reception.visit(request)
            for event in watch.changes(await visit.desk.live(), visit.formats, visit.now):
                yield event
        except NotSignedIn:
            yield event_of("signed-out", "")
            return
        except Problem:
            # Accounts is away for a moment: say nothing new, look again.
            yield BEAT
        await _wait(stop, look_seconds)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
