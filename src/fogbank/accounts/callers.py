"""Users as callers: what a token or a key of theirs says about them."""

from fogbank.accounts.model import User
from fogbank.accounts.organizations import store as organization_store
from fogbank.accounts.rules import EVERY_SCOPE, is_administrator_by_key
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.database import Connection

ALL_SCOPES = frozenset({EVERY_SCOPE})


async def caller_for(tx: Connection, user: User, scopes: frozenset[str] = ALL_SCOPES) -> Caller:
    """The user as a caller, with their organisations as they are now, limited to `scopes`."""
    roles = await organization_store.roles_of(tx, user.id)
    return Caller(
        id=user.id,
        kind=CallerKind.USER,
        organizations={org_id: role.value for org_id, role in roles.items()},
        scopes=scopes,
        is_administrator=is_administrator_by_key(user, scopes),
    )
