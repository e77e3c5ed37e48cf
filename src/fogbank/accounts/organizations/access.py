"""Which organisation a caller sees, and what they may do in it: asked of the database as it is now."""

from fogbank.accounts.client.permissions import allows, may_give
from fogbank.accounts.errors import NotPermitted, NotVisible
from fogbank.accounts.model import Organization, Permission, Role
from fogbank.accounts.organizations import store
from fogbank.accounts.organizations.errors import GivesTooMuch, NotActive
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.database import Connection


async def visible_organization(tx: Connection, caller: Caller, org_id: str, *, is_locked: bool = False) -> Organization:
    """The organisation; `NotVisible` where it is none of the caller's. Locked, changes of it follow each other."""
    may_see = caller.sees_everything or org_id in caller.organizations
    found = await store.organization(tx, org_id, is_locked=is_locked) if may_see else None
    if found is None:
        raise NotVisible("organization", org_id)
    return found


async def role_in(tx: Connection, caller: Caller, org_id: str) -> Role | None:
    """The caller's role as it is now, not as their token remembers it: a token may be five minutes old.

    None for those who need none, administrators and services, and for who is no member any more.
    """
    if caller.kind is CallerKind.MACHINE:
        role = caller.organizations.get(org_id)
        return None if role is None else Role(role)
    return (await store.roles_in(tx, org_id)).get(caller.id)


async def require(tx: Connection, caller: Caller, organization: Organization, permission: Permission) -> Role | None:
    """The caller's role, where it allows this; `NotPermitted` where it does not, `NotActive` where it would."""
    if caller.sees_everything:
        return None
    role = await role_in(tx, caller, organization.id)
    if not allows(role, permission):
        raise NotPermitted(permission)
    if not allows(role, permission, organization.status):
        raise NotActive(organization.id, organization.status)
    return role


async def require_giving(tx: Connection, caller: Caller, organization: Organization, role: Role) -> Role | None:
    """The caller's role, where they may make somebody `role`; `GivesTooMuch` where that is more than they have."""
    own = await require(tx, caller, organization, Permission.MANAGE_MEMBERS)
    if not caller.sees_everything and not may_give(own, role):
        raise GivesTooMuch(role)
    return own
