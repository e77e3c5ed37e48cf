"""Users: who is there, and who may change what about them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fogbank.accounts.activity.model import State
from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.recording import CHANGED, Recorder
from fogbank.accounts.errors import EmailTaken, NotPermitted, NotVisible
from fogbank.accounts.machines.revocations import revoke
from fogbank.accounts.model import Account, Role, Status, User
from fogbank.accounts.organizations import store as organization_store
from fogbank.accounts.organizations.standing.service import Standings
from fogbank.accounts.people import store as people_store
from fogbank.accounts.people.making import made_user
from fogbank.accounts.signing_in.new_passwords import NewPasswords
from fogbank.runtime.auth import Caller
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy


@dataclass(frozen=True, slots=True)
class Person:
    """A user and their role in each of their organisations."""

    user: User
    roles: Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class UserChange:
    """What to change; what is None stays."""

    name: str | None = None
    status: Status | None = None
    is_administrator: bool | None = None

    @property
    def takes_an_administrator(self) -> bool:
        return self.status is not None or self.is_administrator is not None

    def of(self, user: User) -> User:
        return replace(
            user,
            name=user.name if self.name is None else self.name,
            status=user.status if self.status is None else self.status,
            is_administrator=user.is_administrator if self.is_administrator is None else self.is_administrator,
        )


@dataclass(frozen=True, slots=True)
class People:
    """Someone else is `NotVisible`; what takes an administrator is `NotPermitted`."""

    database: Database
    new_passwords: NewPasswords
    standings: Standings
    recorder: Recorder
    clock: Clock
    entropy: Entropy

    async def account(self, caller: Caller, account_id: str) -> Account:
        """A payer that the caller may see."""
        async with self.database.connection() as connection:
            account = await people_store.account(connection, account_id) if caller.may_see(account_id) else None
        if account is None:
            raise NotVisible("account", account_id)
        return account

    async def person(self, caller: Caller, user_id: str) -> Person:
        """A user: oneself, or anybody for administrators and services."""
        async with self.database.connection() as connection:
            return await self._person(connection, caller, user_id)

    async def users(self, after: str, limit: int) -> list[User]:
        """All users by id, for administrators."""
        async with self.database.connection() as connection:
            return await people_store.users_after(connection, after, limit)

    async def users_by_email(self, email: str) -> list[User]:
        """The one user of an address, for administrators; none where it has no account."""
        async with self.database.connection() as connection:
            user = await people_store.user_by_email(connection, email)
        return [] if user is None else [user]

    async def create_user(
        self, caller: Caller, email: str, name: str, password: str | None, *, reason: str = ""
    ) -> User:
        """A new user, for administrators, who vouch for the address.

        `EmailTaken` where there is one already, `ReasonNeeded`, `WeakPassword`.
        """
        reason = reason_for(caller, (), reason)
        password_hash = (
            await self.new_passwords.hashed(password, email=email, name=name) if password is not None else None
        )
        user = made_user(email, name, self.clock(), self.entropy, password_hash)
        async with self.database.transaction() as tx:
            if not await people_store.insert_user_once(tx, user):
                raise EmailTaken
            await self._record(tx, caller, "user.created", user, reason)
        return user

    async def change_user(self, caller: Caller, user_id: str, change: UserChange, *, reason: str = "") -> Person:
        """Change what is given. One's own name is one's own to change; the rest takes an administrator.

        `ReasonNeeded` where an administrator changes somebody else.
        """
        if change.takes_an_administrator and not caller.sees_everything:
            raise NotPermitted("administer")
        async with self.database.transaction() as tx:
            await people_store.lock_user(tx, user_id)
            before = await self._person(tx, caller, user_id)
            reason = reason_for(caller, (user_id,), reason)
            user = change.of(before.user)
            if change.status is not None:
                await self.standings.put_in(tx, caller, user_id, change.status, reason)
            await self._change(tx, caller, before.user, user, reason)
        return replace(before, user=user)

    async def _change(self, tx: Connection, caller: Caller, before: User, after: User, reason: str) -> None:
        is_renamed, is_promoted = after.name != before.name, after.is_administrator != before.is_administrator
        if not is_renamed and not is_promoted:
            return
        await people_store.update_user(tx, after)
        if is_promoted:
            await revoke(tx, after.id)
        was: dict[str, object] = {"is_administrator": before.is_administrator}
        became = {"is_administrator": after.is_administrator, **({"name": CHANGED} if is_renamed else {})}
        await self._record(tx, caller, "user.changed", after, reason, before=was, after=became)

    async def _record(
        self,
        tx: Connection,
        caller: Caller,
        action: str,
        user: User,
        reason: str,
        *,
        before: State = None,
        after: State = None,
    ) -> None:
        await self.recorder.record_in(
            tx, caller, action, f"user:{user.id}", account_id=user.id, reason=reason, before=before, after=after
        )

    async def _person(self, connection: Connection, caller: Caller, user_id: str) -> Person:
        may_see = caller.sees_everything or caller.id == user_id
        user = await people_store.user(connection, user_id) if may_see else None
        if user is None:
            raise NotVisible("user", user_id)
        return Person(user, await organization_store.roles_of(connection, user_id))
