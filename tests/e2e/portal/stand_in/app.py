"""A stand-in for the other components, at the HTTP boundary: the portal's real clients speak to it."""

import msgspec
from fastapi import FastAPI, Request, Response
from tests.e2e.portal.stand_in import alerts, door, identity, machines, money, notices, webhooks
from tests.e2e.portal.stand_in.routes import Answer
from tests.e2e.portal.world import World

from fogbank.runtime.problems import Problem


def stand_in(world: World) -> FastAPI:
    """Answers for accounts, ledger, billing, usage and compute, as `world` says."""
    app = FastAPI()

    def route(path: str, component: str, answer: Answer, method: str = "GET") -> None:
        async def respond(request: Request) -> Response:
            body = await request.body()
            request.state.body = msgspec.json.decode(body) if body else {}
            world.asked.append(request.url.path)
            if component in world.held:
                await world.held[component].wait()
            try:
                content = msgspec.json.encode(_away(component) if component in world.broken else answer(request))
                return Response(content, media_type="application/json")
            except Problem as problem:
                document = msgspec.json.encode(problem.document(""))
                return Response(document, problem.status, problem.headers, "application/problem+json")

        app.add_api_route(path, respond, methods=[method])

    for part in (identity, door, money, machines, alerts, notices, webhooks):
        part.answers(route, world)
    return app


def _away(component: str) -> object:
    raise Problem(503, "service-unavailable", f"{component} is away.")
