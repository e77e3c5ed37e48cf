"""Projects: all of them with the instances in them, a new one, another name, the archive."""

from fastapi import APIRouter, Request, Response

from fogbank.accounts.client import Permission, ProjectView
from fogbank.portal.forms import read_form
from fogbank.portal.organization import allocating, forms
from fogbank.portal.organization.forms import SmallForm
from fogbank.portal.organization.team import acting, projects, team_of
from fogbank.portal.page_route import page_route
from fogbank.portal.routes.organization.answers import back
from fogbank.portal.views.organization.projects import PATH
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem

WHAT = "Making and changing projects"
DONE = {
    "made": "The project is made. Put instances into it below.",
    "named": "The new name is saved.",
    "archived": "The project is archived. It keeps what it has, and takes nothing more.",
    "restored": "The project is back from the archive.",
    "put": "What the instance costs from now on belongs where you put it.",
    "labelled": "The labels are saved.",
}


def project_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(prefix=PATH, route_class=page_route(pages), include_in_schema=False)

    @router.get("")
    async def read_projects(request: Request, done: str = "") -> Response:
        visit = await reception.page_visit(request)
        wanted = allocating.read_filter(request.query_params)
        context = await allocating.list_context(visit, wanted, DONE.get(done, ""))
        return pages.answer(request, "organization/projects.html", **context)

    @router.get("/new")
    async def read_new(request: Request) -> Response:
        visit = await reception.page_visit(request)
        (await team_of(visit)).require(Permission.MANAGE_PROJECTS, WHAT)
        return await _form(reception, request, visit, forms.new_form(reception.entropy))

    @router.post("/new")
    async def create(request: Request) -> Response:
        visit, form = await acting(reception, request), forms.read(await read_form(request), "key", "name")
        try:
            await projects(visit).create(visit.account.id, form.value("key"), form.value("name"), key=form.act)
        except Problem as problem:
            return await _form(reception, request, visit, forms.refused(form, problem, reception.entropy))
        return back(visit.account.id, "made", PATH)

    _add_changing_routes(router, reception)
    return router


def _add_changing_routes(router: APIRouter, reception: Reception) -> None:
    @router.get("/{project_id}")
    async def read_project(request: Request, project_id: str) -> Response:
        visit = await reception.page_visit(request)
        found = await allocating.allocated(visit)
        found.team.require(Permission.MANAGE_PROJECTS, WHAT)
        project = found.project(project_id)
        return await _form(reception, request, visit, SmallForm("", {"name": project.name}), project)

    @router.post("/{project_id}")
    async def rename(request: Request, project_id: str) -> Response:
        visit, form = await acting(reception, request), forms.read(await read_form(request), "name")
        project = (await allocating.allocated(visit)).project(project_id)
        try:
            await projects(visit).rename(visit.account.id, project.id, form.value("name"))
        except Problem as problem:
            refused = forms.refused(form, problem, reception.entropy)
            return await _form(reception, request, visit, refused, project)
        return back(visit.account.id, "named", PATH)

    @router.post("/{project_id}/archive")
    async def archive(request: Request, project_id: str) -> Response:
        visit, form = await acting(reception, request), await read_form(request)
        project, is_archived = (await allocating.allocated(visit)).project(project_id), form.get("archived") == "yes"
        await projects(visit).archive(visit.account.id, project.id, is_archived=is_archived)
        return back(visit.account.id, "archived" if is_archived else "restored", PATH)


async def _form(
    reception: Reception, request: Request, visit: Visit, form: SmallForm, project: ProjectView | None = None
) -> Response:
    context = {"shell": await visit.shell(f"{PATH}/new"), "account": visit.account, "form": form, "project": project}
    return reception.pages.answer(request, "organization/project.html", status=form.refusal.status, **context)
