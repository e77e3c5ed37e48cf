"""Allocation: which project an instance's costs belong to since when, and the labels that people sort by."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import NotVisible
from fogbank.accounts.instances import project_store
from fogbank.accounts.instances import store as instance_store
from fogbank.accounts.model import Instance, Permission, ProjectChange
from fogbank.accounts.organizations import project_store as projects
from fogbank.accounts.organizations.access import require, visible_organization
from fogbank.accounts.organizations.errors import ProjectArchived
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Allocation:
    """Puts instances into projects and labels them, and tells who follows."""

    database: Database
    recorder: Recorder
    clock: Clock

    async def put(self, caller: Caller, instance_id: str, project_id: str | None, reason: str) -> Instance:
        """Put an instance into a project of its organisation from now on, or into none (None).

        `NotVisible` for another organisation's project, `ProjectArchived`. The same again changes nothing.
        """
        async with self.database.transaction() as tx:
            found = await self._allocatable(tx, caller, instance_id)
            reason = reason_for(caller, [found.account_id], reason)
            if found.project_id == project_id:
                return found
            if project_id is not None:
                await _require_open_project(tx, found, project_id)
            await project_store.change_project(tx, instance_id, project_id, self.clock())
            await self.recorder.record_in(
                tx,
                caller,
                "instance.project",
                f"instance:{instance_id}",
                account_id=found.account_id,
                reason=reason,
                before={"project_id": found.project_id},
                after={"project_id": project_id},
            )
        return replace(found, project_id=project_id)

    async def label(self, caller: Caller, instance_id: str, labels: Mapping[str, str], reason: str) -> Instance:
        """Give an instance exactly these labels."""
        async with self.database.transaction() as tx:
            found = await self._allocatable(tx, caller, instance_id)
            reason = reason_for(caller, [found.account_id], reason)
            if found.labels == labels:
                return found
            await instance_store.set_labels(tx, instance_id, labels)
            await self.recorder.record_in(
                tx,
                caller,
                "instance.labels",
                f"instance:{instance_id}",
                account_id=found.account_id,
                reason=reason,
                before={"labels": dict(found.labels)},
                after={"labels": dict(labels)},
            )
        return replace(found, labels=labels)

    async def changes(self, changed_since: int, limit: int) -> list[ProjectChange]:
        """The changes of projects after that number, oldest first, at most `limit`."""
        async with self.database.connection() as connection:
            return await project_store.changes_after(connection, changed_since, limit)

    async def _allocatable(self, tx: Connection, caller: Caller, instance_id: str) -> Instance:
        """The instance, locked, where the caller may say what it is for: their own, or by their role."""
        found = await instance_store.instance(tx, instance_id, is_locked=True)
        if found is None or not caller.may_see(found.account_id):
            raise NotVisible("instance", instance_id)
        if found.org_id is not None:
            organization = await visible_organization(tx, caller, found.org_id)
            await require(tx, caller, organization, Permission.ALLOCATE_INSTANCES)
        return found


async def _require_open_project(tx: Connection, instance: Instance, project_id: str) -> None:
    project = await projects.project(tx, project_id)
    if project is None or project.org_id != instance.org_id:
        raise NotVisible("project", project_id)
    if project.archived_at is not None:
        raise ProjectArchived(project_id)
