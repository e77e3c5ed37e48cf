"""Users and service accounts as callers: what a token or a key of theirs says about them."""

from fogbank.accounts.machines.model import GoodServiceAccount
from fogbank.accounts.machines.rules import role_of_machine, scopes_within
from fogbank.accounts.model import User
from fogbank.accounts.organizations import store as organization_store
from fogbank.accounts.organizations.rules import roles_counted
from fogbank.accounts.rules import EVERY_SCOPE, is_administrator_by_key
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.database import Connection

ALL_SCOPES = frozenset({EVERY_SCOPE})


async def caller_for(
    tx: Connection,
    user: User,
    scopes: frozenset[str] = ALL_SCOPES,
    *,
    session_id: str = "",
    key_id: str = "",
    address: str = "",
) -> Caller:
    """The user as a caller, limited to `scopes`, with what they count as in their organisations as those are now.

    An organisation that is suspended or closed, or that requires a second factor which they do not have, is left out or
    counts for less: so it is for every component that asks what a caller may do.
    """
    belongings = await organization_store.belongings_of(tx, user.id)
    is_asked = any(each.requires_second_factor for each in belongings)
    has_second_factor = is_asked and bool(await organization_store.with_second_factor(tx, [user.id]))
    roles = roles_counted(belongings, has_second_factor=has_second_factor)
    return Caller(
        id=user.id,
        kind=CallerKind.USER,
        organizations={org_id: role.value for org_id, role in roles.items()},
        scopes=scopes,
        is_administrator=is_administrator_by_key(user, scopes),
        session_id=session_id,
        key_id=key_id,
        address=address,
    )


def machine_caller(good: GoodServiceAccount, scopes: frozenset[str], *, key_id: str = "") -> Caller | None:
    """A service account as a caller, limited to `scopes` and to its own; None when it may not come in."""
    account = good.account
    role = role_of_machine(account, good.org_status)
    if role is None:
        return None
    return Caller(
        id=account.id,
        kind=CallerKind.MACHINE,
        organizations={account.org_id: role.value},
        scopes=scopes_within(account.scopes, scopes),
        key_id=key_id,
    )
