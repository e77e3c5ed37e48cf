"""Enrolling: makes the story's customers by the components' own APIs, as an administrator would.

The administrator makes each organisation, gives it its people, and leaves it to its owner. The first customer of the
story is different: it is the organisation that the installation itself was made with, so the administrator stays.
"""

from collections.abc import Callable
from dataclasses import dataclass

import httpx

from fogbank.accounts.client import AccountsClient, OrganizationView, SessionView, UserView
from fogbank.accounts.ledger.client import LedgerClient
from fogbank.runtime.client import ServiceHttp
from fogbank.simulate.demo.cast import Enrolled, NamedInstance, cast
from fogbank.simulate.demo.model import Customer, Person
from fogbank.simulate.demo.story import CUSTOMERS, HALDEN
from fogbank.simulate.model import SimulatedInstance

USERS = "/api/v1/users"
ORGANIZATIONS = "/api/v1/organizations"
WHY = {"fogbank-reason": "Customers of the demo"}
DOMAIN = "example"
"""Reserved for examples: no mail ever reaches anybody by it."""


def email_of(customer: Customer, person: Person) -> str:
    return f"{person.mailbox}@{customer.slug}.{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Administrator:
    """The administrator, signed in until `leave`."""

    user_id: str
    home_id: str
    """The organisation that the installation was made with."""
    accounts: AccountsClient
    door: AccountsClient
    session_token: str

    async def enrol(self, customer: Customer, password: str | None, *, is_at_home: bool) -> Enrolled:
        """Make a customer's users and organisation; those with a `password` can sign in by it."""
        users = [await self._user(customer, person, password) for person in customer.people]
        user_ids = tuple(user.id for user in users)
        if customer.is_person:
            return Enrolled(customer, user_ids, None)
        org_id = self.home_id if is_at_home else await self._organization(customer.name)
        for user_id, person in zip(user_ids, customer.people, strict=True):
            await self._set_member(org_id, user_id, person.role)
        if not is_at_home:
            await self.accounts.service.delete(f"{ORGANIZATIONS}/{org_id}/members/{self.user_id}", headers=WHY)
        return Enrolled(customer, user_ids, org_id)

    async def register(self, named: NamedInstance) -> None:
        """Make an instance known by its name."""
        one = named.instance
        await self.accounts.create_instance(
            instance_id=one.instance_id, name=named.name, user_id=one.user_id, org_id=one.org_id
        )

    async def _user(self, customer: Customer, person: Person, password: str | None) -> UserView:
        body = {"email": email_of(customer, person), "name": person.name, "password": password}
        return await self.accounts.service.post(USERS, body, as_=UserView, headers=WHY)

    async def _organization(self, name: str) -> str:
        return (await self.accounts.service.post(ORGANIZATIONS, {"name": name}, as_=OrganizationView)).id

    async def _set_member(self, org_id: str, user_id: str, role: str) -> None:
        path = f"{ORGANIZATIONS}/{org_id}/members/{user_id}"
        await self.accounts.service.put(path, {"role": role}, as_=dict, headers=WHY)

    async def leave(self) -> None:
        """Sign out."""
        await self.door.sign_out(self.session_token)


async def sign_in_administrator(
    accounts: AccountsClient, http: httpx.AsyncClient, *, user_id: str, home_id: str, sign_in_token: str
) -> Administrator:
    """Use up a sign-in link. Each request gets a token anew: one ends whenever the administrator joins or leaves."""
    session: SessionView = await accounts.sign_in_by_link(sign_in_token)

    async def token() -> str:
        return (await accounts.token_for_session(session.session_token)).access_token

    own = AccountsClient(ServiceHttp(http, token))
    return Administrator(user_id, home_id, own, accounts, session.session_token)


async def enrol_everybody(
    administrator: Administrator,
    ledger: LedgerClient,
    *,
    password: str,
    begins_us: int,
    on_enrolled: Callable[[Customer], None],
) -> list[SimulatedInstance]:
    """Make every customer of the story, pay in for them, and register what they run; those are the answer."""
    instances: list[SimulatedInstance] = []
    for customer in CUSTOMERS:
        secret = password if customer.shows else None
        enrolled = await administrator.enrol(customer, secret, is_at_home=customer is HALDEN)
        await pay_in(ledger, enrolled)
        for named in cast(enrolled, begins_us):
            await administrator.register(named)
            instances.append(named.instance)
        on_enrolled(customer)
    await administrator.leave()
    return instances


async def pay_in(ledger: LedgerClient, enrolled: Enrolled) -> None:
    """Book what the customer paid in, and what they were given."""
    account_id = enrolled.org_id or enrolled.user_ids[0]
    slug = enrolled.customer.slug
    deposit = f"{enrolled.customer.deposit_credits}.00"
    await ledger.deposit(account_id, deposit, id=f"demo-deposit:{slug}", memo="Bank transfer")
    if enrolled.customer.gift_credits:
        gift = f"{enrolled.customer.gift_credits}.00"
        await ledger.grant(account_id, gift, kind="promotional", id=f"demo-gift:{slug}", memo="Welcome credit")
