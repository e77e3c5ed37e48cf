"""Projects: what an organisation allocates its costs to."""

from dataclasses import dataclass, replace

from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import NotVisible
from fogbank.accounts.model import Permission, Project
from fogbank.accounts.opaque import ID_BYTES
from fogbank.accounts.organizations import project_store as store
from fogbank.accounts.organizations.access import require, visible_organization
from fogbank.accounts.organizations.errors import ProjectKeyTaken, TooManyProjects
from fogbank.kernel.ids import new_id
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy

PROJECTS_MAX = 1000
"""Of one organisation, archived ones included."""


@dataclass(frozen=True, slots=True)
class Projects:
    """Makes, renames and archives projects. None is deleted: what was allocated to it stays."""

    database: Database
    recorder: Recorder
    clock: Clock
    entropy: Entropy

    async def create_once(self, caller: Caller, org_id: str, key: str, name: str, reason: str) -> Project:
        """A new project; the same again is the same answer, the same key with another name `ProjectKeyTaken`."""
        reason = reason_for(caller, [org_id], reason)
        async with self.database.transaction() as tx:
            organization = await visible_organization(tx, caller, org_id, is_locked=True)
            await require(tx, caller, organization, Permission.MANAGE_PROJECTS)
            found = await store.by_key(tx, org_id, key)
            if found is not None:
                if found.name != name or found.archived_at is not None:
                    raise ProjectKeyTaken(key)
                return found
            if await store.count(tx, org_id) >= PROJECTS_MAX:
                raise TooManyProjects(PROJECTS_MAX)
            project = Project(new_id("project", self.entropy(ID_BYTES)), org_id, key, name, self.clock())
            await store.insert(tx, project)
            await self._record(tx, caller, None, project, reason)
        return project

    async def of(self, caller: Caller, org_id: str, after: str, limit: int, *, with_archived: bool) -> list[Project]:
        """The organisation's projects by id, for every member."""
        async with self.database.connection() as connection:
            await visible_organization(connection, caller, org_id)
            return await store.after(connection, org_id, after, limit, with_archived=with_archived)

    async def project(self, caller: Caller, org_id: str, project_id: str) -> Project:
        async with self.database.connection() as connection:
            await visible_organization(connection, caller, org_id)
            return await _of_organization(connection, org_id, project_id)

    async def change(
        self,
        caller: Caller,
        org_id: str,
        project_id: str,
        reason: str,
        *,
        name: str | None = None,
        is_archived: bool | None = None,
    ) -> Project:
        """Rename it, archive it, or take it back from the archive. What is in an archived one stays there."""
        reason = reason_for(caller, [org_id], reason)
        async with self.database.transaction() as tx:
            organization = await visible_organization(tx, caller, org_id)
            before = await _of_organization(tx, org_id, project_id, is_locked=True)
            await require(tx, caller, organization, Permission.MANAGE_PROJECTS)
            archived_at = before.archived_at
            if is_archived is not None and is_archived != (archived_at is not None):
                archived_at = self.clock() if is_archived else None
            after = replace(before, name=before.name if name is None else name, archived_at=archived_at)
            if after != before:
                await store.update(tx, after)
                await self._record(tx, caller, before, after, reason)
        return after

    async def _record(
        self, tx: Connection, caller: Caller, before: Project | None, after: Project, reason: str
    ) -> None:
        await self.recorder.record_in(
            tx,
            caller,
            "project.created" if before is None else "project.changed",
            f"project:{after.id}",
            account_id=after.org_id,
            reason=reason,
            before=None if before is None else _state(before),
            after=_state(after),
        )


def _state(project: Project) -> dict[str, object]:
    return {"key": project.key, "name": project.name, "is_archived": project.archived_at is not None}


async def _of_organization(tx: Connection, org_id: str, project_id: str, *, is_locked: bool = False) -> Project:
    found = await store.project(tx, project_id, is_locked=is_locked)
    if found is None or found.org_id != org_id:
        raise NotVisible("project", project_id)
    return found
