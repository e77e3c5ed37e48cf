"""The first things of an installation: an administrator, an organisation, this host's instance, and a way in."""

from dataclasses import dataclass

from fogbank.accounts.errors import InstanceTaken
from fogbank.accounts.instances import store as instance_store
from fogbank.accounts.instances.service import Instances
from fogbank.accounts.model import User
from fogbank.accounts.opaque import new_secret
from fogbank.accounts.organizations import store as organization_store
from fogbank.accounts.organizations.service import Organizations
from fogbank.accounts.people import store as people_store
from fogbank.accounts.people.making import made_user
from fogbank.accounts.signing_in.passwords import Passwords
from fogbank.accounts.signing_in.service import SignIn
from fogbank.runtime.database import Connection, Database

ADMINISTRATOR_NAME = "Administrator"


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation starts with; `password` only when this call made the administrator."""

    user: User
    org_id: str
    instance_id: str
    sign_in_token: str
    password: str | None


@dataclass(frozen=True, slots=True)
class Setup:
    """Makes what is missing, and nothing twice."""

    database: Database
    passwords: Passwords
    sign_in: SignIn
    organizations: Organizations
    instances: Instances

    async def install_once(self, email: str, organization_name: str, instance_id: str, instance_name: str) -> Installed:
        """Make what is missing and a fresh sign-in link. Processes that call at once get the same ids."""
        password = new_secret(self.sign_in.entropy)
        async with self.database.connection() as connection:
            is_there = await people_store.user_by_email(connection, email) is not None
        fresh = None if is_there else await self._administrator(email, password)
        async with self.database.transaction() as tx:
            is_new = fresh is not None and await people_store.insert_user_once(tx, fresh)
            user = await people_store.user_by_email(tx, email)
            assert user is not None, "it was found or inserted just now, and users are never deleted"
            org_id = await self._home(tx, user, organization_name, instance_id, instance_name)
            link = await self.sign_in.new_link(tx, user.id)
        return Installed(user, org_id, instance_id, link, password if is_new else None)

    async def _administrator(self, email: str, password: str) -> User:
        """With a password that nobody has chosen: the portal asks for one at the first visit."""
        password_hash = await self.passwords.hash(password)
        return made_user(
            email,
            ADMINISTRATOR_NAME,
            self.sign_in.clock(),
            self.sign_in.entropy,
            password_hash,
            is_administrator=True,
        )

    async def _home(self, tx: Connection, user: User, organization_name: str, instance_id: str, name: str) -> str:
        """The organisation that pays for this host's instance: the user's first, or a new one."""
        await people_store.lock_user(tx, user.id)
        known = await instance_store.instance(tx, instance_id)
        if known is not None and (known.user_id != user.id or known.org_id is None):
            raise InstanceTaken(instance_id)
        if known is not None and known.org_id is not None:
            return known.org_id
        org_id = await organization_store.first_organization_owned(tx, user.id)
        if org_id is None:
            org_id = (await self.organizations.create_in(tx, user.id, organization_name)).id
        await self.instances.create_in(tx, instance_id, name, user.id, org_id)
        return org_id
