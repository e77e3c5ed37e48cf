"""Who asks: each kind of caller arrives with credentials and with things of its own, and anew where it spent them."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.integration.owning import owning
from tests.integration.tenancy.filling import API
from tests.integration.tenancy.things import make_all
from tests.integration.tenancy.town import Person, Town, bearer

_arrivals = count(1)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody with what they show, and what their organisation has, by the names of tenancy/routes.py."""

    headers: Mapping[str, str]
    things: Mapping[str, str]


Arriving = Callable[[Town], Coroutine[Any, Any, Arrived]]


async def administrator(town: Town) -> Arrived:
    """Who runs the network, among the things of an organisation that is not theirs; says why."""
    _, things = await _organization(town)
    email = f"administrator{next(_arrivals)}@example.org"
    person = await town.person("Administrator", email)
    async with owning(town.database) as connection:
        await connection.execute("UPDATE accounts.users SET is_administrator = true WHERE id = %s", [person.id])
    signed_in = await town.signed_in(person.id, email)
    return Arrived({**bearer(signed_in.token), "fogbank-reason": "fuzzing"}, things)


async def owner(town: Town) -> Arrived:
    """Who owns the organisation, in a browser."""
    person, things = await _organization(town)
    return Arrived(bearer(person.token), things)


async def viewer(town: Town) -> Arrived:
    """Who may only look at the organisation."""
    _, things = await _organization(town)
    email = f"viewer{next(_arrivals)}@example.org"
    person = await town.person("Viewer", email)
    path = f"{API}/organizations/{things['org']}/members/{person.id}"
    await town.service("portal").put(path, {"role": "viewer"}, as_=dict)
    signed_in = await town.signed_in(person.id, email)
    return Arrived(bearer(signed_in.token), things)


async def machine(town: Town) -> Arrived:
    """A service account of the organisation, by its API key."""
    person, things = await _organization(town)
    body = {"name": "robot", "scopes": ["*"], "service_account_id": things["machine"]}
    made = await town.asked(person.token, "POST", "/api-keys", body)
    return Arrived({"x-api-key": made["api_key"]}, things)


async def service(town: Town) -> Arrived:
    """A component of ours, for the routes that only those have."""
    _, things = await _organization(town)
    asking = town.service("portal")
    assert asking.token is not None
    return Arrived(bearer(await asking.token()), things)


async def nobody(town: Town) -> Arrived:
    """Without credentials, but with names of what is there."""
    _, things = await _organization(town)
    return Arrived({}, things)


async def _organization(town: Town) -> tuple[Person, Mapping[str, str]]:
    """Who owns an organisation of their own, and what it has."""
    name = f"fuzzed{next(_arrivals)}"
    founder = await town.person(name, f"{name}@example.org")
    made = await town.asked(founder.token, "POST", "/organizations", {"name": name})
    owner = await town.signed_in(founder.id, founder.email)
    return owner, await make_all(town, str(made["id"]), owner)


CALLERS: Mapping[str, Arriving] = {
    "administrator": administrator,
    "owner": owner,
    "viewer": viewer,
    "machine": machine,
    "service": service,
    "nobody": nobody,
}
