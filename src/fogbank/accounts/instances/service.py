"""Instances: which machine is whose, and who pays for it."""

from collections.abc import Collection
from dataclasses import dataclass

from fogbank.accounts import rules
from fogbank.accounts.errors import InstanceTaken, NotPermitted, NotVisible
from fogbank.accounts.instances import store as instance_store
from fogbank.accounts.model import Instance, Permission
from fogbank.accounts.organizations import store as organization_store
from fogbank.accounts.people import store as people_store
from fogbank.kernel.ids import payer_of
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Instances:
    """Registers instances and lists those that a caller may see."""

    database: Database
    clock: Clock

    async def create_once(
        self, caller: Caller, instance_id: str, name: str, user_id: str, org_id: str | None
    ) -> Instance:
        """Register an instance; the same again is the same answer, another owner's is `InstanceTaken`.

        A user registers their own, and in an organisation only where their role lets them.
        """
        async with self.database.transaction() as tx:
            await self._require(tx, caller, user_id, org_id)
            return await self.create_in(tx, instance_id, name, user_id, org_id)

    async def create_in(
        self, tx: Connection, instance_id: str, name: str, user_id: str, org_id: str | None
    ) -> Instance:
        """The same, in the caller's transaction and without asking who calls."""
        wanted = Instance(instance_id, name, payer_of(user_id, org_id), user_id, org_id, self.clock())
        await instance_store.insert_instance_once(tx, wanted)
        stored = await instance_store.instance(tx, instance_id)
        if stored is None or (stored.user_id, stored.org_id) != (user_id, org_id):
            raise InstanceTaken(instance_id)
        return stored

    async def visible(self, caller: Caller, account_id: str | None, after: str, limit: int) -> list[Instance]:
        """The instances that an account pays for, or all that the caller sees; by id, after `after`."""
        if account_id is not None and not caller.may_see(account_id):
            raise NotVisible("account", account_id)
        async with self.database.connection() as connection:
            return await instance_store.instances_after(connection, _accounts(caller, account_id), after, limit)

    async def instance(self, caller: Caller, instance_id: str) -> Instance:
        """One instance, whose payer the caller may see."""
        async with self.database.connection() as connection:
            found = await instance_store.instance(connection, instance_id)
        if found is None or not caller.may_see(found.account_id):
            raise NotVisible("instance", instance_id)
        return found

    async def _require(self, tx: Connection, caller: Caller, user_id: str, org_id: str | None) -> None:
        if not caller.sees_everything and user_id != caller.id:
            raise NotVisible("user", user_id)
        if await people_store.user(tx, user_id) is None:
            raise NotVisible("user", user_id)
        if org_id is None:
            return
        if not caller.may_see(org_id) or await organization_store.organization(tx, org_id) is None:
            raise NotVisible("organization", org_id)
        role = (await organization_store.roles_of(tx, user_id)).get(org_id)
        if not caller.sees_everything and not rules.allows(role, Permission.MANAGE_INSTANCES):
            raise NotPermitted(Permission.MANAGE_INSTANCES)


def _accounts(caller: Caller, account_id: str | None) -> Collection[str] | None:
    if account_id is not None:
        return {account_id}
    return None if caller.sees_everything else caller.visible_accounts
