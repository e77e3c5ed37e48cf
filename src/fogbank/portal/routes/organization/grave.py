"""What changes everything: who owns it, a second factor for everybody, and the end."""

from fastapi import APIRouter, Request, Response

from fogbank.accounts.client import Permission
from fogbank.portal.forms import read_form
from fogbank.portal.organization.team import PATH, Team, acting, team_of, teams
from fogbank.portal.page_route import page_route
from fogbank.portal.routes.organization.answers import ask, back, path_of
from fogbank.portal.settings.faults import is_for_the_form
from fogbank.portal.settings.own import meet_anew
from fogbank.portal.views.organization.people import name_of
from fogbank.portal.views.settings.sure import Sure
from fogbank.portal.visit import Reception
from fogbank.runtime.problems import Problem

NAMES_MAX = 5


def security_routes(reception: Reception) -> APIRouter:
    """A second factor for everybody."""
    router = APIRouter(prefix=f"{PATH}/second-factor", route_class=page_route(reception.pages), include_in_schema=False)

    @router.get("")
    async def ask_for_factor(request: Request) -> Response:
        visit = await reception.page_visit(request)
        team = await team_of(visit)
        team.require(Permission.MANAGE_SECURITY, "Requiring a second factor")
        without = (await teams(visit).second_factor(team.id)).members_without
        return await ask(reception, request, visit, _requiring(team, without))

    @router.post("")
    async def set_factor(request: Request) -> Response:
        visit, form = await acting(reception, request), await read_form(request)
        team = await team_of(visit)
        is_required = form.get("required") != "no"
        try:
            await teams(visit).require_second_factor(team.id, is_required=is_required)
        except Problem as problem:
            if not is_for_the_form(problem):
                raise
            return await ask(reception, request, visit, _requiring(team, [], problem.detail), status=problem.status)
        meet_anew(request)
        return back(team.id, "required" if is_required else "optional")

    return router


def _requiring(team: Team, without: list[str], problem: str = "") -> Sure:
    names = sorted(name_of(each) for each in team.members if each.user_id in without)
    shown = ", ".join(names[:NAMES_MAX]) + (f" and {len(names) - NAMES_MAX} more" if len(names) > NAMES_MAX else "")
    closed = f" It closes at once to those who have none: {shown}." if names else ""
    return Sure(
        title=f"Require a second factor in {team.organization.name}?",
        text=f"Members see it, and their keys reach it, only while they have one.{closed} They stay members, and it "
        "opens to them as soon as they set one up.",
        act="Require it",
        back=path_of(team.id),
        keep="Not now",
        problem=problem,
    )


def ending_routes(reception: Reception) -> APIRouter:
    """Closing it."""
    router = APIRouter(prefix=f"{PATH}/close", route_class=page_route(reception.pages), include_in_schema=False)

    @router.get("")
    async def ask_to_close(request: Request) -> Response:
        visit = await reception.page_visit(request)
        team = await team_of(visit)
        if not team.may_as_member(Permission.CLOSE):
            raise Problem(403, "not-permitted", "An organisation is closed by its owners. Ask one of them.")
        return await ask(reception, request, visit, _closing(team))

    @router.post("")
    async def close(request: Request) -> Response:
        visit, form = await acting(reception, request), await read_form(request)
        team = await team_of(visit)
        try:
            await teams(visit).close(team.id, form.get("typed", "").strip())
        except Problem as problem:
            if not is_for_the_form(problem):
                raise
            return await ask(reception, request, visit, _closing(team, problem.detail), status=problem.status)
        meet_anew(request)
        return back(team.id, "closed")

    return router


def _closing(team: Team, problem: str = "") -> Sure:
    return Sure(
        title=f"Close {team.organization.name} for good?",
        text="Its service accounts and their keys end, open invitations are taken back, and nothing is made or paid in "
        "it any more. Owners and billing people can read what it was. Invoices, the ledger and the activity log stay. "
        "It must be settled: its balance not below zero, no holds open. Nobody opens it again.",
        act="Close it for good",
        back=path_of(team.id),
        keep="Keep it open",
        typed=team.organization.name,
        problem=problem,
    )
