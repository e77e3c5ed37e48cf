"""One instance: the project that its costs belong to, and its labels."""

from fastapi import APIRouter, Request, Response

from fogbank.accounts.client import InstanceView, Permission
from fogbank.portal.forms import read_form
from fogbank.portal.organization import allocating, forms
from fogbank.portal.organization.allocating import Allocated
from fogbank.portal.organization.forms import SmallForm
from fogbank.portal.organization.team import acting, projects
from fogbank.portal.page_route import page_route
from fogbank.portal.refusals import Refusal
from fogbank.portal.routes.organization.answers import back
from fogbank.portal.rules.labels import NotLabels, labels_of, text_of
from fogbank.portal.views.organization.projects import PATH, project_rows
from fogbank.portal.visit import Reception, Visit
from fogbank.runtime.problems import Problem

INVALID = 422
WHAT = "Putting instances into projects and labelling them"


def instance_routes(reception: Reception) -> APIRouter:
    pages = reception.pages
    router = APIRouter(
        prefix=f"{PATH}/instances/{{instance_id}}", route_class=page_route(pages), include_in_schema=False
    )

    @router.get("")
    async def read_instance(request: Request, instance_id: str) -> Response:
        visit = await reception.page_visit(request)
        found = await allocating.allocated(visit)
        found.team.require(Permission.ALLOCATE_INSTANCES, WHAT)
        return await _page(reception, request, visit, found, _form_of(found.instance(instance_id)))

    @router.post("/project")
    async def put(request: Request, instance_id: str) -> Response:
        visit, form = await acting(reception, request), await read_form(request)
        found = await allocating.allocated(visit)
        instance = found.instance(instance_id)
        try:
            await projects(visit).put(instance.id, form.get("project_id") or None)
        except Problem as problem:
            refused = forms.refused(_form_of(instance), problem, reception.entropy)
            return await _page(reception, request, visit, found, refused)
        return back(visit.account.id, "put", PATH)

    @router.post("/labels")
    async def label(request: Request, instance_id: str) -> Response:
        visit, form = await acting(reception, request), await read_form(request)
        found = await allocating.allocated(visit)
        instance, typed = found.instance(instance_id), form.get("labels", "")
        shown = SmallForm("", {"project_id": instance.project_id or "", "labels": typed})
        try:
            await projects(visit).label(instance.id, labels_of(typed))
        except NotLabels as fault:
            refused = SmallForm("", shown.values, Refusal(INVALID, "", {"labels": fault.reason}))
            return await _page(reception, request, visit, found, refused)
        except Problem as problem:
            return await _page(reception, request, visit, found, forms.refused(shown, problem, reception.entropy))
        return back(visit.account.id, "labelled", PATH)

    return router


def _form_of(instance: InstanceView) -> SmallForm:
    return SmallForm("", {"project_id": instance.project_id or "", "labels": text_of(instance.labels)})


async def _page(reception: Reception, request: Request, visit: Visit, found: Allocated, form: SmallForm) -> Response:
    instance = found.instance(str(request.path_params["instance_id"]))
    rows = project_rows(found.projects, found.instances)
    context = {
        "shell": await visit.shell(f"{PATH}/instances"),
        "account": visit.account,
        "instance": instance,
        "path": f"{PATH}/instances/{instance.id}",
        "projects": [row for row in rows if not row.is_archived or row.id == instance.project_id],
        "form": form,
    }
    return reception.pages.answer(request, "organization/instance.html", status=form.refusal.status, **context)
