"""Who is told about an account: its user, or those of an organisation whose role it concerns. Asked of accounts."""

from dataclasses import dataclass

from fogbank.accounts.client import AccountsClient, Permission, allows
from fogbank.notifications.model import Person
from fogbank.runtime.problems import Problem

ACTIVE = "active"
ORGANIZATION = "organization"
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Audience:
    """What the account is called, whether it is served, is a user's or an organisation's, and whom to tell."""

    name: str
    people: tuple[Person, ...] = ()
    is_served: bool = True
    user_id: str | None = None
    org_id: str | None = None


async def audience_of(accounts: AccountsClient, account_id: str, permission: Permission) -> Audience:
    """Those whose role lets them hear of it. Suspended people are told nothing, nor is anybody of what is not known."""
    try:
        account = await accounts.account(account_id)
        if account.kind == ORGANIZATION:
            members = await accounts.members(account_id)
            told = [each for each in members if each.status == ACTIVE and allows(each.role, permission, account.status)]
            people = tuple(Person(each.user_id, each.email) for each in told)
            return Audience(account.name, people, account.status == ACTIVE, org_id=account_id)
        user = await accounts.user(account_id)
    except Problem as problem:
        if problem.status != NOT_FOUND:
            raise
        return Audience(account_id)
    people = (Person(user.id, user.email),) if user.status == ACTIVE else ()
    return Audience(account.name, people, user.status == ACTIVE, user_id=account_id)
