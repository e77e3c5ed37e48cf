"""Who is what in an organisation. Changes of one organisation's members come one after the other."""

from dataclasses import dataclass

from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import LastOwner, NotVisible
from fogbank.accounts.machines.revocations import revoke
from fogbank.accounts.model import Membership, Role, Status
from fogbank.accounts.organizations import rules, store
from fogbank.accounts.organizations.access import require, require_giving, visible_organization
from fogbank.accounts.organizations.model import Member
from fogbank.accounts.people import store as people_store
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody's role before and after; None where they are no member."""

    org_id: str
    user_id: str
    before: Role | None
    after: Role | None

    def verb_of(self, caller: Caller) -> str:
        """What happened, when `caller` made the change."""
        if self.after is None:
            return "left" if self.user_id == caller.id else "removed"
        return "added" if self.before is None else "changed"


@dataclass(frozen=True, slots=True)
class Members:
    """Gives and takes roles. Who is not in an organisation yet is invited; only administrators put people in."""

    database: Database
    recorder: Recorder
    clock: Clock

    async def of(self, caller: Caller, org_id: str) -> list[Member]:
        """Everybody in it, by user id."""
        async with self.database.connection() as connection:
            await visible_organization(connection, caller, org_id)
            memberships = await store.members(connection, org_id)
            users = await people_store.users_by_ids(connection, [membership.user_id for membership in memberships])
        return [Member(users[membership.user_id], membership) for membership in memberships]

    async def set(self, caller: Caller, org_id: str, user_id: str, role: Role, reason: str) -> Member:
        """Give a member another role; `LastOwner` when it would leave no owner, `GivesTooMuch` for more than one's own.

        `NotVisible` for who is no member, except where an administrator or a service puts in somebody whose account is
        not closed.
        """
        reason = reason_for(caller, [org_id], reason)
        async with self.database.transaction() as tx:
            before = await self._change(tx, caller, org_id, user_id, role)
            user = await people_store.user(tx, user_id)
            may_be_in = before is not None or caller.sees_everything
            if user is None or user.status is Status.CLOSED or not may_be_in:
                raise NotVisible("member", user_id)
            membership = Membership(org_id, user_id, role, self.clock())
            await store.set_membership(tx, membership)
            await revoke(tx, user_id)
            await self._record(tx, caller, Change(org_id, user_id, before, role), reason)
        return Member(user, membership)

    async def remove_once(self, caller: Caller, org_id: str, user_id: str, reason: str) -> None:
        """Take somebody out; `LastOwner` when it would leave no owner. Anybody may take out themselves."""
        reason = reason_for(caller, [org_id], reason)
        async with self.database.transaction() as tx:
            before = await self._change(tx, caller, org_id, user_id, None)
            if before is None:
                return
            await store.delete_membership(tx, org_id, user_id)
            await revoke(tx, user_id)
            await self._record(tx, caller, Change(org_id, user_id, before, None), reason)

    async def _change(
        self, tx: Connection, caller: Caller, org_id: str, user_id: str, after: Role | None
    ) -> Role | None:
        """Lock the organisation and check that the caller may make this change; the role before it."""
        organization = await visible_organization(tx, caller, org_id, is_locked=True)
        roles = await store.roles_in(tx, org_id)
        before = roles.get(user_id)
        is_leaving = after is None and user_id == caller.id
        if not is_leaving:
            await require(tx, caller, organization, rules.permission_to_change(before, after))
        if after is not None:
            await require_giving(tx, caller, organization, after)
        if rules.leaves_no_owner(sum(role is Role.OWNER for role in roles.values()), before, after):
            raise LastOwner
        return before

    async def _record(self, tx: Connection, caller: Caller, change: Change, reason: str) -> None:
        await self.recorder.record_in(
            tx,
            caller,
            f"member.{change.verb_of(caller)}",
            f"user:{change.user_id}",
            account_id=change.org_id,
            reason=reason,
            before=None if change.before is None else {"role": change.before.value},
            after=None if change.after is None else {"role": change.after.value},
        )
