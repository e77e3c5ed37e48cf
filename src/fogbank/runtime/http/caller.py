"""Callers of routes: what a route declares to know who calls it, and to refuse those who may not."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request

from fogbank.runtime.auth import Authenticator, Caller, CallerKind
from fogbank.runtime.http.deadline import lift_time_limit
from fogbank.runtime.http.rate_limits import count_caller, count_refused
from fogbank.runtime.problems import Problem
from fogbank.runtime.tenancy import called_by


async def current_caller(request: Request) -> Caller:
    """Who calls; `Problem` 401 when nobody that we know. From here on the database shows what they may see."""
    authenticator: Authenticator = request.app.state.authenticator
    try:
        caller = await authenticator.authenticate(request.headers)
    except Problem as problem:
        if problem.status == HTTPStatus.UNAUTHORIZED:
            count_refused(request.scope)
        raise
    count_caller(request.scope, caller)
    if caller.kind is CallerKind.SERVICE:
        lift_time_limit(request.scope)
    called_by(caller)
    return caller


CurrentCaller = Annotated[Caller, Depends(current_caller)]


async def service_caller(request: Request, caller: CurrentCaller) -> Caller:
    """A service that calls; for anybody else the route does not exist, since it is none of theirs."""
    if caller.kind is not CallerKind.SERVICE:
        raise no_route(request.url.path)
    return caller


ServiceCaller = Annotated[Caller, Depends(service_caller)]


async def administrator_caller(request: Request, caller: CurrentCaller) -> Caller:
    """An administrator or a service; for anybody else the route does not exist."""
    if not caller.sees_everything:
        raise no_route(request.url.path)
    return caller


AdministratorCaller = Annotated[Caller, Depends(administrator_caller)]


def require_scope(scope: str) -> Callable[[CurrentCaller], Awaitable[None]]:
    """For `dependencies=[Depends(require_scope("usage:read"))]`: 403 for a key that was not given this scope."""

    async def check(caller: CurrentCaller) -> None:
        if not caller.has_scope(scope):
            detail = f"This API key does not have the scope '{scope}'; make one that has it."
            raise Problem(403, "scope-missing", detail, extra={"scope": scope})

    return check


def no_route(path: str) -> Problem:
    """404, for a path that is not there, or not for this caller."""
    return Problem(404, "not-found", f"There is nothing at {path}.")
