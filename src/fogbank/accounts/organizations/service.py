"""Organisations and who belongs to them. Changes of one organisation's members come one after the other."""

from dataclasses import dataclass, replace

from fogbank.accounts import rules
from fogbank.accounts.errors import LastOwner, NotPermitted, NotVisible
from fogbank.accounts.model import Membership, Organization, Permission, Role, Status, User
from fogbank.accounts.opaque import ID_BYTES
from fogbank.accounts.organizations import store as organization_store
from fogbank.accounts.people import store as people_store
from fogbank.kernel.ids import new_id
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in an organisation."""

    user: User
    membership: Membership


@dataclass(frozen=True, slots=True)
class Organizations:
    """Someone else's organisation is `NotVisible`; what one's role in one's own forbids is `NotPermitted`."""

    database: Database
    clock: Clock
    entropy: Entropy

    async def visible(self, caller: Caller, after: str, limit: int) -> list[Organization]:
        """The caller's organisations, or all, by id."""
        async with self.database.connection() as connection:
            if caller.sees_everything:
                return await organization_store.organizations_after(connection, after, limit)
            ids = sorted(org_id for org_id in caller.organizations if org_id > after)[:limit]
            return await organization_store.organizations_by_ids(connection, ids)

    async def create(self, owner: Caller, name: str) -> Organization:
        """A new organisation, whose owner the caller is."""
        async with self.database.transaction() as tx:
            return await self.create_in(tx, owner.id, name)

    async def create_in(self, tx: Connection, owner_id: str, name: str) -> Organization:
        """The same, in the caller's transaction."""
        now = self.clock()
        organization = Organization(new_id("org", self.entropy(ID_BYTES)), name, Status.ACTIVE, now)
        await organization_store.insert_organization(tx, organization)
        await organization_store.set_membership(tx, Membership(organization.id, owner_id, Role.OWNER, now))
        return organization

    async def organization(self, caller: Caller, org_id: str) -> Organization:
        async with self.database.connection() as connection:
            return await self._visible(connection, caller, org_id)

    async def change(self, caller: Caller, org_id: str, *, name: str | None, status: Status | None) -> Organization:
        """Change what is given: the name by who manages members, the status by administrators."""
        if status is not None and not caller.sees_everything:
            raise NotPermitted("administer")
        async with self.database.transaction() as tx:
            before = await self._visible(tx, caller, org_id)
            await self._require(tx, caller, org_id, Permission.MANAGE_MEMBERS)
            after = replace(before, name=name or before.name, status=status or before.status)
            await organization_store.update_organization(tx, after)
        return after

    async def members(self, caller: Caller, org_id: str) -> list[Member]:
        """Everybody in it, by user id."""
        async with self.database.connection() as connection:
            await self._visible(connection, caller, org_id)
            memberships = await organization_store.members(connection, org_id)
            users = await people_store.users_by_ids(connection, [membership.user_id for membership in memberships])
        return [Member(users[membership.user_id], membership) for membership in memberships]

    async def set_member(self, caller: Caller, org_id: str, user_id: str, role: Role) -> Member:
        """Give somebody a role; `LastOwner` when it would leave no owner, `NotVisible` for an unknown user."""
        async with self.database.transaction() as tx:
            await self._change_members(tx, caller, org_id, user_id, role)
            user = await people_store.user(tx, user_id)
            if user is None:
                raise NotVisible("user", user_id)
            membership = Membership(org_id, user_id, role, self.clock())
            await organization_store.set_membership(tx, membership)
        return Member(user, membership)

    async def remove_member_once(self, caller: Caller, org_id: str, user_id: str) -> None:
        """Take somebody out; `LastOwner` when it would leave no owner. Anybody may take out themselves."""
        async with self.database.transaction() as tx:
            await self._change_members(tx, caller, org_id, user_id, None)
            await organization_store.delete_membership(tx, org_id, user_id)

    async def _change_members(
        self, tx: Connection, caller: Caller, org_id: str, user_id: str, after: Role | None
    ) -> None:
        """Lock the organisation and check that the caller may make this change."""
        await self._visible(tx, caller, org_id, is_locked=True)
        roles = {membership.user_id: membership.role for membership in await organization_store.members(tx, org_id)}
        before = roles.get(user_id)
        is_leaving = after is None and user_id == caller.id
        if not is_leaving:
            await self._require(tx, caller, org_id, rules.permission_to_change(before, after))
        owners = sum(role is Role.OWNER for role in roles.values())
        if rules.leaves_no_owner(owners, before, after):
            raise LastOwner

    async def _visible(
        self, connection: Connection, caller: Caller, org_id: str, *, is_locked: bool = False
    ) -> Organization:
        may_see = caller.sees_everything or org_id in caller.organizations
        found = await organization_store.organization(connection, org_id, is_locked=is_locked) if may_see else None
        if found is None:
            raise NotVisible("organization", org_id)
        return found

    async def _require(self, tx: Connection, caller: Caller, org_id: str, permission: Permission) -> None:
        # The role as it is now, not as the caller's token remembers it: a token may be five minutes old.
        if caller.sees_everything:
            return
        roles = await organization_store.roles_of(tx, caller.id)
        if not rules.allows(roles.get(org_id), permission):
            raise NotPermitted(permission)
