"""Who is told about an account: its user, or those of an organisation whose role it concerns. Asked of accounts."""

from dataclasses import dataclass

from fogbank.accounts.client import AccountsClient
from fogbank.notifications.model import Person
from fogbank.runtime.problems import Problem

ACTIVE = "active"
ORGANIZATION = "organization"
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Audience:
    """What the account is called, whether it is a user's or an organisation's, and whom to tell."""

    name: str
    people: tuple[Person, ...] = ()
    user_id: str | None = None
    org_id: str | None = None


async def audience_of(accounts: AccountsClient, account_id: str, roles: frozenset[str]) -> Audience:
    """Suspended people are told nothing, and of an account that is not known nobody is."""
    try:
        account = await accounts.account(account_id)
        if account.kind == ORGANIZATION:
            members = await accounts.members(account_id)
            told = [each for each in members if each.role in roles and each.status == ACTIVE]
            people = tuple(Person(each.user_id, each.email) for each in told)
            return Audience(account.name, people, org_id=account_id)
        user = await accounts.user(account_id)
    except Problem as problem:
        if problem.status != NOT_FOUND:
            raise
        return Audience(account_id)
    people = (Person(user.id, user.email),) if user.status == ACTIVE else ()
    return Audience(account.name, people, user_id=account_id)
