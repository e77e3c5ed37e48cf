"""Whose service accounts a caller may see and change: those of organisations where their role allows it."""

from fogbank.accounts.client.permissions import Permission, allows
from fogbank.accounts.errors import NotPermitted, NotVisible
from fogbank.accounts.machines import service_account_store
from fogbank.accounts.machines.model import ServiceAccount
from fogbank.accounts.organizations.access import require, role_in, visible_organization
from fogbank.runtime.auth import Caller
from fogbank.runtime.database import Connection


async def managed_organization(tx: Connection, caller: Caller, org_id: str, *, is_ended: bool = False) -> None:
    """`NotVisible` for who does not see the organisation, `NotPermitted` for who may not manage its keys there.

    Nothing is made while it is suspended or closed; `is_ended`: what only looks or ends something may be done then too.
    """
    organization = await visible_organization(tx, caller, org_id)
    if not is_ended:
        await require(tx, caller, organization, Permission.MANAGE_KEYS)
    elif not caller.sees_everything and not allows(await role_in(tx, caller, org_id), Permission.MANAGE_KEYS):
        raise NotPermitted(Permission.MANAGE_KEYS)


async def visible_service_account(
    tx: Connection,
    caller: Caller,
    account_id: str,
    *,
    is_changed: bool = True,
    is_ended: bool = False,
    of_key: str | None = None,
) -> ServiceAccount:
    """The service account, for who may manage it; locked, where it is changed.

    Where it is none of theirs, `of_key` names the key that they asked for instead.
    """
    account = await service_account_store.account(tx, account_id, is_locked=is_changed)
    if account is None or not caller.may_see(account.org_id):
        what = ("service account", account_id) if of_key is None else ("API key", of_key)
        raise NotVisible(*what)
    await managed_organization(tx, caller, account.org_id, is_ended=is_ended or not is_changed)
    return account
