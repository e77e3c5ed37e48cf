"""Somebody whose settings are full: two organisations, an app, a passkey, other browsers, keys of all kinds."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests.e2e.portal.house import House, Person
from tests.integration.accounts.conftest import PASSWORD
from tests.integration.factors.authenticator import SoftAuthenticator

from fogbank.accounts.client.factors import FactorsClient
from fogbank.accounts.client.keys import KeysClient, NewKey, ServiceAccountsClient
from fogbank.accounts.client.signing_in import Browser, SignInClient
from fogbank.runtime.problems import Problem

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Mobile/15E148 Safari/604.1"
)


@dataclass(frozen=True)
class Full:
    """Whose it is, and what there is."""

    person: Person
    org_id: str
    key_id: str
    machine_id: str
    seed: str


async def furnished(house: House, role: str = "admin") -> Full:
    person = await house.person()
    org_id = await house.organization(person, role)
    await house.organization(person, "viewer", "Fjord Weather Research")
    seed = await house.with_app(person)
    await with_passkey(house, person)
    for agent, address in ((FIREFOX, "198.51.100.7"), (IPHONE, "2001:db8::7")):
        await sign_in_elsewhere(house, person, seed, Browser(address, agent))
    service = await house.as_(person)
    key_id = await with_keys(KeysClient(service), house)
    machine = await ServiceAccountsClient(service).create(
        org_id, name="Deployment", role="member", scopes=["*"], once=f"machine-{key_id}"
    )
    await ServiceAccountsClient(service).create(
        org_id,
        name="Collector of readings in the Tromsø data centre",
        role="viewer",
        scopes=["usage:read", "ledger:read"],
        once=f"second-{key_id}",
    )
    of_machine = NewKey("Collector", ["usage:write"], service_account_id=machine.client_id)
    await KeysClient(service).create(of_machine, f"of-{machine.client_id}")
    return Full(person, org_id, key_id, machine.client_id, seed)


async def with_passkey(house: House, person: Person, name: str = "Work laptop") -> None:
    """Register one that a device in software made."""
    factors = FactorsClient(await house.as_(person))
    options = await factors.begin_passkey()
    await factors.add_passkey(name, SoftAuthenticator(house.url).create(options.public_key))


async def sign_in_elsewhere(house: House, person: Person, seed: str, browser: Browser) -> None:
    """Open a session in another browser, with a code of the app."""
    door = SignInClient(house.accounts.service)
    with pytest.raises(Problem) as asked:
        await door.by_password(person.email, PASSWORD, browser)
    await door.by_second_factor(asked.value.extra["challenge"], "totp", browser, code=house.code(seed))
    house.clock.forward(timedelta(seconds=30))


async def with_keys(keys: KeysClient, house: House) -> str:
    """One key that is being rotated, whose id this is; one that ends soon, and one that was revoked."""
    made = await keys.create(NewKey("Nightly export", ["usage:read", "ledger:read", "billing:read"]), "first")
    await keys.rotate(made.key.id, 86_400, "first")
    await keys.create(NewKey("Dashboard", ["usage:read"], house.clock() + timedelta(days=3)), "second")
    ended = await keys.create(NewKey("Old laptop", ["*"], networks=["192.0.2.0/24"]), "third")
    await keys.revoke(ended.key.id)
    return made.key.id
