"""Routes of projects."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from fogbank.accounts.client import ProjectsView, ProjectView
from fogbank.accounts.guards import READ, WRITE, After, Limit, next_cursor
from fogbank.accounts.model import Project
from fogbank.accounts.organizations.projects import Projects
from fogbank.accounts.organizations.refusals import REFUSALS
from fogbank.runtime.http.caller import CurrentCaller
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.http.reason import GivenReason
from fogbank.runtime.http.values import Id, Name

PAGE = 100

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project to make; its key, such as `web-shop`, is the organisation's only one of that name, and stays."""

    key: Key
    name: Name


@dataclass(frozen=True, slots=True)
class ProjectUpdate:
    """What to change; what is not given stays."""

    name: Name | None = None
    is_archived: bool | None = None


def project_routes(projects: Projects) -> APIRouter:
    router = APIRouter(prefix="/api/v1/organizations/{org_id}/projects", tags=["organisations"], dependencies=REFUSALS)

    @router.get("", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def list_projects(
        org_id: Id,
        caller: CurrentCaller,
        with_archived: Annotated[bool, Query(description="Whether archived ones are listed too.")] = False,
        after: After = "",
        limit: Limit = PAGE,
    ) -> ProjectsView:
        """The organisation's projects, in pages by id."""
        found = await projects.of(caller, org_id, after, limit, with_archived=with_archived)
        return ProjectsView([_view(each) for each in found], next_cursor([each.id for each in found], limit))

    @router.post("", status_code=201, dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def create_project(org_id: Id, body: NewProject, caller: CurrentCaller, reason: GivenReason) -> ProjectView:
        """Make a project. The same key and name again is the same project."""
        return _view(await projects.create_once(caller, org_id, body.key, body.name, reason))

    @router.get("/{project_id}", dependencies=READ, responses=problem_responses(401, 403, 404))
    async def read_project(org_id: Id, project_id: Id, caller: CurrentCaller) -> ProjectView:
        """A project: its key, its name, and whether it is archived."""
        return _view(await projects.project(caller, org_id, project_id))

    @router.patch("/{project_id}", dependencies=WRITE, responses=problem_responses(401, 403, 404, 409))
    async def change_project(
        org_id: Id, project_id: Id, body: ProjectUpdate, caller: CurrentCaller, reason: GivenReason
    ) -> ProjectView:
        """Rename a project, archive it, or take it back from the archive."""
        return _view(
            await projects.change(caller, org_id, project_id, reason, name=body.name, is_archived=body.is_archived)
        )

    return router


def _view(project: Project) -> ProjectView:
    return ProjectView(project.id, project.org_id, project.key, project.name, project.created_at, project.archived_at)
