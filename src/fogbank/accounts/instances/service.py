"""Instances: which machine is whose, and who pays for it."""

from dataclasses import dataclass, replace

from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import InstanceTaken, NotVisible
from fogbank.accounts.instances import store as instance_store
from fogbank.accounts.instances.store import Wanted
from fogbank.accounts.model import Instance, Permission, Status
from fogbank.accounts.organizations.access import require, visible_organization
from fogbank.accounts.organizations.errors import NotActive
from fogbank.accounts.people import store as people_store
from fogbank.kernel.ids import payer_of
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Instances:
    """Registers instances and lists those that a caller may see."""

    database: Database
    recorder: Recorder
    clock: Clock

    async def create_once(
        self, caller: Caller, instance_id: str, name: str, user_id: str, org_id: str | None
    ) -> Instance:
        """Register an instance; the same again is the same answer, another owner's is `InstanceTaken`.

        A user registers their own, and in an organisation only where their role lets them. `NotActive` where who
        would pay is suspended or closed, whoever asks.
        """
        async with self.database.transaction() as tx:
            await self._require(tx, caller, user_id, org_id)
            is_new = await instance_store.instance(tx, instance_id) is None
            if is_new:
                await _require_served(tx, user_id, org_id)
            stored = await self.create_in(tx, instance_id, name, user_id, org_id)
            if is_new and caller.kind is not CallerKind.SERVICE:
                await self.recorder.record_in(
                    tx,
                    caller,
                    "instance.registered",
                    f"instance:{instance_id}",
                    account_id=stored.account_id,
                    after={"name": stored.name, "user_id": user_id},
                )
            return stored

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

    async def visible(self, caller: Caller, wanted: Wanted, after: str, limit: int) -> list[Instance]:
        """The wanted instances, of all that the caller sees; by id, after `after`."""
        hidden = [each for each in wanted.account_ids or () if not caller.may_see(each)]
        if hidden:
            raise NotVisible("account", hidden[0])
        if wanted.account_ids is None and not caller.sees_everything:
            wanted = replace(wanted, account_ids=caller.visible_accounts)
        async with self.database.connection() as connection:
            return await instance_store.instances_after(connection, wanted, after, limit)

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
        if org_id is not None:
            organization = await visible_organization(tx, caller, org_id)
            await require(tx, caller, organization, Permission.MANAGE_INSTANCES)


async def _require_served(tx: Connection, user_id: str, org_id: str | None) -> None:
    """Nothing new is made for who is suspended or closed, whoever asks."""
    for account_id in (user_id, org_id):
        account = None if account_id is None else await people_store.account(tx, account_id)
        if account is not None and account.status is not Status.ACTIVE:
            raise NotActive(account.id, account.status)
