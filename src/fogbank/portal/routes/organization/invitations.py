"""Inviting people, inviting them again, and taking that back."""

from fastapi import APIRouter, Request, Response

from fogbank.accounts.client import InvitationSentView, Permission, Role
from fogbank.portal.forms import read_form
from fogbank.portal.organization import forms
from fogbank.portal.organization.forms import SmallForm
from fogbank.portal.organization.team import PATH, Team, acting, invitation_of, team_of, teams
from fogbank.portal.page import Context
from fogbank.portal.page_route import page_route
from fogbank.portal.routes.organization.answers import back
from fogbank.portal.rules.roles import SENTENCES, role_label, roles_to_give
from fogbank.portal.views.ages import moment
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem

WHAT = "Inviting people"


def inviting_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=f"{PATH}/invitations", route_class=page_route(pages), include_in_schema=False)

    @router.get("/new")
    async def read_new(request: Request) -> Response:
        visit = await reception.page_visit(request)
        team = await team_of(visit)
        team.require(Permission.MANAGE_MEMBERS, WHAT)
        return await _form(reception, request, visit, team, forms.new_form(reception.entropy, role=Role.MEMBER))

    @router.post("/new")
    async def invite(request: Request) -> Response:
        visit, form = await acting(reception, request), forms.read(await read_form(request), "email", "role")
        team = await team_of(visit)
        try:
            sent = await teams(visit).invite(team.id, form.value("email"), form.value("role"), key=form.act)
        except Problem as problem:
            refused = forms.refused(form, problem, reception.entropy)
            return await _form(reception, request, visit, team, refused)
        return await _sent(reception, request, visit, sent)

    @router.post("/{invitation_id}/resend")
    async def resend(request: Request, invitation_id: str) -> Response:
        visit = await acting(reception, request)
        sent = await teams(visit).resend(visit.account.id, invitation_of(invitation_id))
        return await _sent(reception, request, visit, sent)

    @router.post("/{invitation_id}/revoke")
    async def revoke(request: Request, invitation_id: str) -> Response:
        visit = await acting(reception, request)
        await teams(visit).revoke(visit.account.id, invitation_of(invitation_id))
        return back(visit.account.id, "uninvited")

    return router


async def _sent(reception: Reception, request: Request, visit: Visit, sent: InvitationSentView) -> Response:
    """Back to the organisation; where no mail server is set up, the page that shows the link, this once."""
    if sent.link is None:
        return back(visit.account.id, "invited")
    context: Context = {
        "shell": await visit.shell(f"{PATH}/invitations"),
        "account": visit.account,
        "link": sent.link,
        "email": sent.invitation.email,
        "role": role_label(sent.invitation.role),
        "until": moment(sent.invitation.expires_at, visit.formats),
    }
    return reception.pages.answer(request, "organization/invited.html", **context)


async def _form(reception: Reception, request: Request, visit: Visit, team: Team, form: SmallForm) -> Response:
    context = {
        "shell": await visit.shell(f"{PATH}/invitations/new"),
        "account": visit.account,
        "roles": [
            (role.value, SENTENCES[role]) for role in roles_to_give(team.role, is_administrator=team.is_administrator)
        ],
        "form": form,
    }
    return reception.pages.answer(request, "organization/invite.html", status=form.refusal.status, **context)
