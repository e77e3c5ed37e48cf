"""A client for what an organisation allocates its costs to: projects, the instances in them, and labels."""

from collections.abc import Mapping
from dataclasses import dataclass

from fogbank.accounts.client.instances import InstanceView
from fogbank.accounts.client.organizations import ProjectsView, ProjectView
from fogbank.runtime.client import ServiceHttp

API = "/api/v1"
KEY_HEADER = "idempotency-key"
PAGE = 1000


@dataclass(frozen=True, slots=True)
class ProjectsClient:
    """Speaks to accounts as one caller."""

    service: ServiceHttp

    async def projects(self, org_id: str) -> list[ProjectView]:
        """All of an organisation's, archived ones too, by id."""
        found: list[ProjectView] = []
        after: str | None = None
        while True:
            params = {"with_archived": "true", "after": after, "limit": PAGE}
            page = await self.service.get(_path(org_id), params=params, as_=ProjectsView)
            found += page.projects
            after = page.next_cursor
            if after is None:
                return found

    async def project(self, org_id: str, project_id: str) -> ProjectView:
        return await self.service.get(f"{_path(org_id)}/{project_id}", as_=ProjectView)

    async def create(self, org_id: str, project_key: str, name: str, *, key: str) -> ProjectView:
        """`key` names the act: twice is once. `Problem` 409 where another project has `project_key`."""
        body, headers = {"key": project_key, "name": name}, {KEY_HEADER: key}
        return await self.service.post(_path(org_id), body, as_=ProjectView, headers=headers)

    async def rename(self, org_id: str, project_id: str, name: str) -> ProjectView:
        return await self.service.patch(f"{_path(org_id)}/{project_id}", {"name": name}, as_=ProjectView)

    async def archive(self, org_id: str, project_id: str, *, is_archived: bool) -> ProjectView:
        """Archive it, or take it back."""
        body = {"is_archived": is_archived}
        return await self.service.patch(f"{_path(org_id)}/{project_id}", body, as_=ProjectView)

    async def put(self, instance_id: str, project_id: str | None) -> InstanceView:
        """Allocate an instance's costs to a project from now on, or to none."""
        path = f"{API}/instances/{instance_id}/project"
        return await self.service.put(path, {"project_id": project_id}, as_=InstanceView)

    async def label(self, instance_id: str, labels: Mapping[str, str]) -> InstanceView:
        """Give an instance exactly these labels."""
        return await self.service.put(f"{API}/instances/{instance_id}/labels", {"labels": labels}, as_=InstanceView)


def _path(org_id: str) -> str:
    return f"{API}/organizations/{org_id}/projects"
