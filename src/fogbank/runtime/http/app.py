"""The app of a process: the routes and background work of its components, in one HTTP service."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI

from fogbank.runtime.auth import Authenticator
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import Component
from fogbank.runtime.http.background import running_tasks
from fogbank.runtime.http.describing import INTRODUCTION, describe_callers, operation_id, routes_with_callers
from fogbank.runtime.http.docs import serve_docs
from fogbank.runtime.http.envelope import Envelope
from fogbank.runtime.http.gateway import Gateway, gateway_routes
from fogbank.runtime.http.guards import Guards
from fogbank.runtime.http.health import health_routes
from fogbank.runtime.http.idempotency import IdempotentPosts, Keeping, describe_keys, routes_with_own_keys
from fogbank.runtime.http.limits import BodyLimit, TimeLimit
from fogbank.runtime.http.metrics import HttpMetrics
from fogbank.runtime.http.problems import describe_problems, every_problem, handle_problems
from fogbank.runtime.http.quick import quickest_first
from fogbank.runtime.http.security import SameOrigin

ANSWERS_SECONDS = 5.0
"""From the end of a request's time until we are sure that nothing of it is under way any more."""


def create_app(
    *,
    title: str,
    components: Sequence[Component],
    authenticator: Authenticator,
    clock: Clock,
    gateway: Gateway | None = None,
    guards: Guards | None = None,
    keeping: Keeping | None = None,
) -> FastAPI:
    """The app that serves `components`, and forwards `gateway`'s paths; their tasks run while it does.

    Without `guards` it counts nobody's requests. `keeping` makes every POST idempotent under an `Idempotency-Key`.
    """
    guards = guards or Guards()
    metrics = HttpMetrics(components)
    app = FastAPI(
        title=title,
        description=INTRODUCTION,
        version=version("fogbank"),
        lifespan=_lifespan(components),
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        openapi_url=None,
        responses=every_problem(),
        generate_unique_id_function=operation_id,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.authenticator = authenticator
    app.state.clock = clock
    app.state.stopping = asyncio.Event()
    handle_problems(app)
    served = [router for component in components for router in component.routers]
    routers = quickest_first([health_routes(components, metrics, gateway), *served])
    _describe(app, routers, has_keys=keeping is not None)
    if keeping is not None:
        lost_after = timedelta(seconds=guards.request_seconds_max + ANSWERS_SECONDS)
        app.add_middleware(
            IdempotentPosts, keeping=keeping, own=lambda: routes_with_own_keys(app.openapi()), lost_after=lost_after
        )
    app.add_middleware(
        BodyLimit, larger={path: size for each in components for path, size in each.large_bodies.items()}
    )
    app.add_middleware(TimeLimit, seconds_max=guards.request_seconds_max)
    app.add_middleware(SameOrigin, public_place=guards.public_place)
    app.add_middleware(Envelope, metrics=metrics, guards=guards)
    for router in routers:
        app.include_router(router)
    serve_docs(app, gateway)
    if gateway is not None:
        app.include_router(gateway_routes(gateway))
    return app


def _lifespan(components: Sequence[Component]) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with running_tasks(components):
            yield

    return lifespan


def _describe(app: FastAPI, routers: Sequence[APIRouter], *, has_keys: bool) -> None:
    """Make the API description name our problems instead of the framework's errors, credentials, and headers."""
    built = app.openapi
    with_callers = routes_with_callers(routers)

    def described() -> dict[str, Any]:
        document = describe_callers(describe_problems(built()), with_callers)
        return describe_keys(document) if has_keys else document

    app.openapi = described  # type: ignore[method-assign]
