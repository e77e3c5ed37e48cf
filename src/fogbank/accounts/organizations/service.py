"""Organisations: which there are, what they are called, and whether they require a second factor."""

from dataclasses import dataclass, replace

from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.machines.revocations import ask_keys_anew, revoke
from fogbank.accounts.model import Membership, Organization, Permission, Role, Status
from fogbank.accounts.opaque import ID_BYTES
from fogbank.accounts.organizations import store
from fogbank.accounts.organizations.access import require, visible_organization
from fogbank.accounts.organizations.errors import SecondFactorMissing
from fogbank.accounts.organizations.model import Belonging
from fogbank.kernel.ids import new_id
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database, seeing_every_tenant_in
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.tenancy import seeing_every_tenant


@dataclass(frozen=True, slots=True)
class Organizations:
    """Someone else's organisation is `NotVisible`; what one's role in one's own forbids is `NotPermitted`."""

    database: Database
    recorder: Recorder
    clock: Clock
    entropy: Entropy

    async def visible(self, caller: Caller, after: str, limit: int) -> list[Organization]:
        """The caller's organisations, or all, by id."""
        async with self.database.connection() as connection:
            if caller.sees_everything:
                return await store.organizations_after(connection, after, limit)
            ids = sorted(org_id for org_id in caller.organizations if org_id > after)[:limit]
            return await store.organizations_by_ids(connection, ids)

    async def belongings(self, caller: Caller) -> tuple[list[Belonging], bool]:
        """What the caller is in every organisation, those too that are closed to them, and if they have a factor."""
        with seeing_every_tenant():
            async with self.database.connection() as connection:
                found = await store.belongings_of(connection, caller.id)
                return found, caller.id in await store.with_second_factor(connection, [caller.id])

    async def create(self, owner: Caller, name: str) -> Organization:
        """A new organisation, whose owner the caller is. Their next token knows it."""
        async with self.database.transaction() as tx:
            organization = await self.create_in(tx, owner.id, name)
            await ask_keys_anew(tx, owner.id)
            await self.recorder.record_in(
                tx,
                owner,
                "organization.created",
                f"organization:{organization.id}",
                account_id=organization.id,
                after={"name": name},
            )
        return organization

    async def create_in(self, tx: Connection, owner_id: str, name: str) -> Organization:
        """The same, in the caller's transaction and without recording it."""
        now = self.clock()
        organization = Organization(new_id("org", self.entropy(ID_BYTES)), name, Status.ACTIVE, now)
        async with seeing_every_tenant_in(tx):  # it is nobody's before it is there
            await store.insert_organization(tx, organization)
            await store.set_membership(tx, Membership(organization.id, owner_id, Role.OWNER, now))
        return organization

    async def organization(self, caller: Caller, org_id: str) -> Organization:
        async with self.database.connection() as connection:
            return await visible_organization(connection, caller, org_id)

    async def rename(self, caller: Caller, org_id: str, name: str, reason: str) -> Organization:
        """Give it another name."""
        reason = reason_for(caller, [org_id], reason)
        async with self.database.transaction() as tx:
            before = await visible_organization(tx, caller, org_id, is_locked=True)
            await require(tx, caller, before, Permission.MANAGE_SETTINGS)
            after = replace(before, name=name)
            await store.update_organization(tx, after)
            await self.recorder.record_in(
                tx,
                caller,
                "organization.renamed",
                f"organization:{org_id}",
                account_id=org_id,
                reason=reason,
                before={"name": before.name},
                after={"name": name},
            )
        return after

    async def require_second_factor(self, caller: Caller, org_id: str, reason: str, *, is_required: bool) -> None:
        """Close it to members without a second factor, or open it again; `SecondFactorMissing` for one of them."""
        reason = reason_for(caller, [org_id], reason)
        async with self.database.transaction() as tx:
            before = await visible_organization(tx, caller, org_id, is_locked=True)
            own = await require(tx, caller, before, Permission.MANAGE_SECURITY)
            if is_required and own is not None and not await _have_factor(tx, caller.id):
                raise SecondFactorMissing
            if before.requires_second_factor == is_required:
                return
            await store.update_organization(tx, replace(before, requires_second_factor=is_required))
            await revoke(tx, org_id)
            await self.recorder.record_in(
                tx,
                caller,
                "organization.second_factor",
                f"organization:{org_id}",
                account_id=org_id,
                reason=reason,
                before={"is_required": before.requires_second_factor},
                after={"is_required": is_required},
            )

    async def without_second_factor(self, caller: Caller, org_id: str) -> list[str]:
        """The members whom it is closed to, or would be, if it required a second factor; by id."""
        async with self.database.transaction() as tx:
            organization = await visible_organization(tx, caller, org_id)
            await require(tx, caller, organization, Permission.MANAGE_MEMBERS)
            members = await store.roles_in(tx, org_id)
            async with seeing_every_tenant_in(tx):  # whether somebody has one is told, never which
                having = await store.with_second_factor(tx, members)
        return sorted(members.keys() - having)


async def _have_factor(tx: Connection, user_id: str) -> bool:
    async with seeing_every_tenant_in(tx):
        return user_id in await store.with_second_factor(tx, [user_id])
