"""Users: who is there, and who may change what about them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fogbank.accounts import rules
from fogbank.accounts.errors import EmailTaken, NotPermitted, NotVisible, WrongCredentials
from fogbank.accounts.model import Account, Role, Status, User
from fogbank.accounts.opaque import ID_BYTES
from fogbank.accounts.organizations import store as organization_store
from fogbank.accounts.people import store as people_store
from fogbank.accounts.signing_in import store as session_store
from fogbank.accounts.signing_in.passwords import Passwords
from fogbank.kernel.ids import new_id
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.entropy import Entropy


@dataclass(frozen=True, slots=True)
class Person:
    """A user and their role in each of their organisations."""

    user: User
    roles: Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class People:
    """Someone else is `NotVisible`; what takes an administrator is `NotPermitted`."""

    database: Database
    passwords: Passwords
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

    async def create_user(self, email: str, name: str, password: str | None) -> User:
        """A new user, for administrators; `EmailTaken` where there is one already."""
        password_hash = await self.passwords.hash(password) if password is not None else None
        user = User(
            id=new_id("user", self.entropy(ID_BYTES)),
            email=email,
            name=name,
            is_administrator=False,
            status=Status.ACTIVE,
            created_at=self.clock(),
            password_hash=password_hash,
        )
        async with self.database.connection() as connection:
            if not await people_store.insert_user_once(connection, user):
                raise EmailTaken
        return user

    async def change_user(
        self, caller: Caller, user_id: str, *, name: str | None, status: Status | None, is_administrator: bool | None
    ) -> Person:
        """Change what is given. One's own name is one's own to change; the rest takes an administrator."""
        if not caller.sees_everything and (status is not None or is_administrator is not None):
            raise NotPermitted("administer")
        async with self.database.transaction() as tx:
            before = await self._person(tx, caller, user_id)
            user = replace(
                before.user,
                name=before.user.name if name is None else name,
                status=before.user.status if status is None else status,
                is_administrator=before.user.is_administrator if is_administrator is None else is_administrator,
            )
            await people_store.update_user(tx, user)
            if not rules.may_sign_in(user):
                await session_store.delete_sessions_of(tx, user_id)
        return replace(before, user=user)

    async def change_password(self, caller: Caller, user_id: str, current: str | None, new: str) -> None:
        """Set a password and end every session. One's own takes the current one, another's an administrator."""
        person = await self.person(caller, user_id)
        is_own = caller.kind is CallerKind.USER and caller.id == user_id
        if is_own and not await self.passwords.matches(current or "", person.user.password_hash):
            raise WrongCredentials
        password_hash = await self.passwords.hash(new)
        async with self.database.transaction() as tx:
            await people_store.set_password(tx, user_id, password_hash)
            await session_store.delete_sessions_of(tx, user_id)

    async def _person(self, connection: Connection, caller: Caller, user_id: str) -> Person:
        may_see = caller.sees_everything or caller.id == user_id
        user = await people_store.user(connection, user_id) if may_see else None
        if user is None:
            raise NotVisible("user", user_id)
        return Person(user, await organization_store.roles_of(connection, user_id))
