"""Standings: administrators suspend and restore accounts with a reason; owners close their own for good."""

from dataclasses import dataclass

from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import Recorder
from fogbank.accounts.errors import NotPermitted, NotVisible, RecentProofNeeded
from fogbank.accounts.machines.revocations import revoke
from fogbank.accounts.model import Account, AccountKind, Permission, Role, Status
from fogbank.accounts.organizations import store as organization_store
from fogbank.accounts.organizations.standing import ending_store, rules, store
from fogbank.accounts.organizations.standing.errors import OwnsOrganizations
from fogbank.accounts.organizations.standing.model import StandingChange
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.tenancy import seeing_every_tenant

ADMINISTER = "administer"
ACTIONS = {Status.ACTIVE: "restored", Status.SUSPENDED: "suspended", Status.CLOSED: "closed"}


@dataclass(frozen=True, slots=True)
class Standings:
    """Changes standings, and tells who follows them. What follows is one rule each; docs/organizations.md has them."""

    database: Database
    recorder: Recorder
    clock: Clock

    async def put(self, caller: Caller, account_id: str, status: Status, reason: str) -> Account:
        """Suspend an account or restore it, for administrators and services; `ClosedForGood` where it is closed."""
        async with self.database.transaction() as tx:
            return await self.put_in(tx, caller, account_id, status, reason)

    async def put_in(self, tx: Connection, caller: Caller, account_id: str, status: Status, reason: str) -> Account:
        """The same, in the caller's transaction."""
        if not caller.sees_everything:
            raise NotPermitted(ADMINISTER)
        reason = reason_for(caller, [], reason)
        account = await store.locked_account(tx, account_id)
        if account is None:
            raise NotVisible("account", account_id)
        if not rules.require_change(account, status):
            return account
        return await self._change(tx, caller, account, status, reason)

    async def close(self, caller: Caller, account_id: str, typed_name: str, reason: str) -> Account:
        """Close an account for good: by its owner, who types its name and owes nothing, or by an administrator.

        `NameDiffers`, `NotSettled`; `OwnsOrganizations` for a user who is the last owner of some.
        """
        if not caller.may_see(account_id):
            raise NotVisible("account", account_id)
        is_own = account_id in caller.visible_accounts
        with seeing_every_tenant():  # what ends with an account is other people's too
            async with self.database.transaction() as tx:
                account = await store.locked_account(tx, account_id)
                if account is None:
                    raise NotVisible("account", account_id)
                reason = reason_for(caller, [account_id], reason)
                if is_own or not caller.sees_everything:
                    await self._require_closing(tx, caller, account)
                    rules.require_closable(account, await store.funds(tx, account_id, self.clock()), typed_name)
                if not rules.require_change(account, Status.CLOSED):
                    return account
                return await self._change(tx, caller, account, Status.CLOSED, reason)

    async def changes(self, changed_since: int, limit: int) -> list[StandingChange]:
        """The changes after that number, oldest first, at most `limit`."""
        async with self.database.connection() as connection:
            return await store.changes_after(connection, changed_since, limit)

    async def _require_closing(self, tx: Connection, caller: Caller, account: Account) -> None:
        """Only a person closes, and of an organisation an owner; no key of theirs."""
        if caller.key_id:
            raise RecentProofNeeded(frozenset())
        if caller.kind is not CallerKind.USER:
            raise NotPermitted(Permission.CLOSE)
        if account.kind is AccountKind.ORGANIZATION:
            roles = await organization_store.roles_in(tx, account.id)
            if roles.get(caller.id) is not Role.OWNER:
                raise NotPermitted(Permission.CLOSE)

    async def _change(self, tx: Connection, caller: Caller, account: Account, status: Status, reason: str) -> Account:
        now = self.clock()
        await self._end(tx, account, status)
        await store.change_status(tx, account, status, now, reason)
        await self.recorder.record_in(
            tx,
            caller,
            f"account.{ACTIONS[status]}",
            f"{account.kind}:{account.id}",
            account_id=account.id,
            reason=reason,
            before={"status": account.status.value},
            after={"status": status.value},
        )
        name = account.name
        if status is Status.CLOSED and account.kind is AccountKind.USER:
            name = rules.PLACEHOLDER_NAME
        return Account(account.id, account.kind, name, status, account.created_at)

    async def _end(self, tx: Connection, account: Account, status: Status) -> None:
        """What stops at once: all that speaks for the account, and, where it is closed, all that waits for it."""
        now = self.clock()
        if account.kind is AccountKind.ORGANIZATION:
            machines = await ending_store.end_organization(tx, account.id, now) if status is Status.CLOSED else []
            await revoke(tx, account.id, *machines)
            return
        if status is Status.CLOSED:
            owned = await store.owned_alone(tx, account.id)
            if owned:
                raise OwnsOrganizations(owned)
            email = rules.placeholder_email(account.id)
            await ending_store.erase_person(tx, account.id, rules.PLACEHOLDER_NAME, email, now)
        if status is not Status.ACTIVE:
            await ending_store.end_sign_in(tx, account.id)
        await revoke(tx, account.id)
