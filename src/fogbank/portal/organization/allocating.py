"""Puts the pages of projects together: which there are, which instances are in them, and what each is labelled."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fogbank.accounts.client import InstanceView, Permission, ProjectView
from fogbank.portal.organization.team import COMPONENT, Team, projects, team_of
from fogbank.portal.page import Context
from fogbank.portal.rules.roles import who_may
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.organization.projects import PATH, ROWS_MAX, Filter, instance_rows, project_rows
from fogbank.portal.visit import Visit
from fogbank.runtime.problems import not_found

TEXT_MAX = 200


@dataclass(frozen=True, slots=True)
class Allocated:
    """An organisation's projects and instances."""

    team: Team
    projects: Sequence[ProjectView]
    instances: Sequence[InstanceView]

    def project(self, project_id: str) -> ProjectView:
        found = next((each for each in self.projects if each.id == project_id), None)
        if found is None:
            raise not_found("project", project_id)
        return found

    def instance(self, instance_id: str) -> InstanceView:
        found = next((each for each in self.instances if each.id == instance_id), None)
        if found is None:
            raise not_found("instance", instance_id)
        return found


async def allocated(visit: Visit) -> Allocated:
    """All of it; `Problem` 404 for an account that is no organisation."""
    team = await team_of(visit)
    found, instances = await asyncio.gather(projects(visit).projects(team.id), visit.desk.accounts.instances(team.id))
    return Allocated(team, found, instances)


def read_filter(params: Mapping[str, str]) -> Filter:
    return Filter(params.get("project", "")[:TEXT_MAX], params.get("q", "")[:TEXT_MAX].strip())


async def list_context(visit: Visit, wanted: Filter, done: str) -> Context:
    found, shell = await asyncio.gather(visit.desk.answer(COMPONENT, allocated(visit)), visit.shell(PATH))
    parts = {"allocated": found} if isinstance(found, Missing) else _parts(found, wanted)
    return {**parts, "shell": shell, "account": visit.account, "wanted": wanted, "done": done}


def _parts(found: Allocated, wanted: Filter) -> Context:
    rows = instance_rows(found.instances, found.projects, wanted, found.team.id)
    return {
        "allocated": found,
        "projects": project_rows(found.projects, found.instances),
        "instances": rows[:ROWS_MAX],
        "more": len(rows) - ROWS_MAX,
        "total": len(found.instances),
        "may_manage": found.team.may(Permission.MANAGE_PROJECTS),
        "may_allocate": found.team.may(Permission.ALLOCATE_INSTANCES),
        "who_manages": who_may(Permission.MANAGE_PROJECTS),
        "who_allocates": who_may(Permission.ALLOCATE_INSTANCES),
    }
