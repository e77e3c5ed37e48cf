"""Passkeys: made for our origin by a verified holder, shown once per challenge, and refused when they seem copied."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.factors.authenticator import Credential, SoftAuthenticator, b64, unb64
from tests.integration.factors.conftest import ORIGIN, Person, World

from fogbank.accounts.client.signing_in import Browser
from fogbank.accounts.factors import ceremonies
from fogbank.accounts.factors.model import Passkey, RelyingParty
from fogbank.runtime.problems import Problem

BROWSER = Browser("192.0.2.1")


async def shown(world: World, person: Person) -> dict[str, object]:
    return person.device.get((await world.api.begin_signing_in()).public_key)


async def test_a_passkey_signs_in_alone_and_as_a_second_factor(world: World) -> None:
    person = await world.person()
    await world.with_passkey(person)
    assert await world.methods(person) == {"passkey", "recovery"}
    session = await world.api.sign_in(await shown(world, person), BROWSER)
    assert session.user_id == person.id
    assert await world.check(person, "passkey", await shown(world, person))
    [passkey] = (await person.api.mine()).passkeys
    assert (passkey.name, passkey.last_used_at, passkey.regressed_at) == ("laptop", world.clock(), None)


async def test_the_options_ask_for_what_signs_in_alone(world: World) -> None:
    person = await world.person()
    await world.with_passkey(person)
    options = (await person.api.begin_passkey()).public_key
    assert options["rp"] == {"id": "fog.example.com", "name": "Fogbank at fog.example.com"}
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert [each["id"] for each in options["excludeCredentials"]] == [b64(person.device.credentials[0].id)]
    asked = (await world.api.begin_signing_in()).public_key
    assert (asked["rpId"], asked["userVerification"]) == ("fog.example.com", "required")
    assert not asked.get("allowCredentials"), "whose passkeys there are is told to nobody"


async def test_an_answer_is_good_once(world: World) -> None:
    person = await world.person()
    await world.with_passkey(person)
    answer = await shown(world, person)
    assert await world.check(person, "passkey", answer)
    assert not await world.check(person, "passkey", answer)


async def test_a_challenge_ends_after_five_minutes(world: World) -> None:
    person = await world.person()
    await world.with_passkey(person)
    answer = await shown(world, person)
    world.clock.forward(minutes=5)
    assert not await world.check(person, "passkey", answer)


async def test_a_challenge_that_we_never_gave_out_is_none(world: World) -> None:
    person = await world.person()
    await world.with_passkey(person)
    assert not await world.check(person, "passkey", person.device.get({"challenge": b64(bytes(32))}))


async def test_a_challenge_to_register_by_is_none_to_sign_in_by_nor_somebody_elses(world: World) -> None:
    person, other = await world.person(), await world.person()
    await world.with_passkey(person)
    to_register = (await person.api.begin_passkey()).public_key
    assert not await world.check(person, "passkey", person.device.get(to_register))
    theirs = (await other.api.begin_passkey()).public_key
    with pytest.raises(Problem) as refused:
        await person.api.add_passkey("stolen", person.device.create(theirs))
    assert refused.value.kind == "wrong-code"


@pytest.mark.parametrize(
    "lie", ["another origin", "no verification of the user", "another site's name", "another key's signature"]
)
async def test_an_answer_that_lies_does_not_hold(world: World, lie: str) -> None:
    person = await world.person()
    await world.with_passkey(person)
    [credential] = person.device.credentials
    device = replace(person.device, credentials=[credential])
    if lie == "another origin":
        device.origin = "https://fog.example.com.evil.example"
    if lie == "no verification of the user":
        device.verifies_user = False
    if lie == "another site's name":
        device.credentials = [replace(credential, rp_id="evil.example")]
    if lie == "another key's signature":
        device.credentials = [replace(credential, key=Credential("", b"").key)]
    answer = device.get((await world.api.begin_signing_in()).public_key)
    with pytest.raises(Problem) as refused:
        await world.api.sign_in(answer, BROWSER)
    assert (refused.value.status, refused.value.kind) == (401, "wrong-credentials")
    assert (await person.api.mine()).passkeys[0].last_used_at is None


async def test_a_counter_that_went_back_is_refused_and_told(world: World) -> None:
    person = await world.person()
    await world.with_passkey(person)
    assert await world.check(person, "passkey", await shown(world, person))
    person.device.credentials[0].count -= 1
    assert not await world.check(person, "passkey", await shown(world, person))
    assert (await person.api.mine()).passkeys[0].regressed_at == world.clock()
    assert "backwards" in (await world.told(person))[-1]
    assert await world.check(person, "passkey", await shown(world, person)), "the one that went on counts still"


async def test_devices_that_do_not_count_are_taken(world: World) -> None:
    person = await world.person()
    person.device.counts = False
    await world.with_passkey(person)
    for _ in range(2):
        assert await world.check(person, "passkey", await shown(world, person))


async def test_somebody_elses_passkey_is_no_second_factor_of_mine(world: World) -> None:
    person, other = await world.person(), await world.person()
    await world.with_passkey(person)
    await world.with_passkey(other)
    assert not await world.check(person, "passkey", await shown(world, other))


async def test_a_passkey_that_names_another_user_signs_nobody_in(world: World) -> None:
    person, other = await world.person(), await world.person()
    await world.with_passkey(person)
    answer = await shown(world, person)
    for handle in (b64(other.id.encode()), None):
        changed = {**answer, "response": {**answer["response"], "userHandle": handle}}  # type: ignore[dict-item]
        with pytest.raises(Problem, match="wrong"):
            await world.api.sign_in(changed, BROWSER)


async def test_a_suspended_person_is_not_let_in(world: World) -> None:
    person = await world.person()
    await world.with_passkey(person)
    async with world.database.connection() as connection:
        await connection.execute("UPDATE accounts.users SET status = 'suspended' WHERE id = %s", [person.id])
    with pytest.raises(Problem, match="wrong"):
        await world.api.sign_in(await shown(world, person), BROWSER)


async def test_several_passkeys_have_names_and_each_can_be_deleted(world: World) -> None:
    person, stranger = await world.person(), await world.person()
    first = await world.with_passkey(person, "laptop")
    world.clock.forward(seconds=1)
    second = await world.with_passkey(person, "phone")
    assert [each.name for each in (await person.api.mine()).passkeys] == ["laptop", "phone"]
    assert (await person.api.rename_passkey(second, "old phone")).name == "old phone"
    for act in (stranger.api.remove_passkey(first), stranger.api.rename_passkey(first, "mine now")):
        with pytest.raises(Problem) as unseen:
            await act
        assert unseen.value.status == 404
    await person.api.remove_passkey(first)
    assert not await world.check(person, "passkey", person.device.get((await asked(world)), which=0))
    assert await world.check(person, "passkey", person.device.get((await asked(world)), which=1))
    await person.api.remove_passkey(second)
    assert (await person.api.mine()).methods == []
    assert await world.acts(person) == [
        "second_factor.added",
        "second_factor.added",
        "passkey.renamed",
        "second_factor.removed",
        "second_factor.removed",
    ]


async def asked(world: World) -> dict[str, object]:
    return (await world.api.begin_signing_in()).public_key


async def test_a_credential_is_registered_once_whoever_shows_it(world: World) -> None:
    person, other = await world.person(), await world.person()
    await world.with_passkey(person)
    [known] = person.device.credentials
    options = (await other.api.begin_passkey()).public_key
    with pytest.raises(Problem) as refused:
        await other.api.add_passkey("mine", other.device.create(options, as_=known))
    assert (refused.value.status, refused.value.kind) == (409, "passkey-known")


LAPTOP = SoftAuthenticator(ORIGIN)
OPTIONS = {"rp": {"id": "fog.example.com"}, "user": {"id": b64(b"user_1")}, "challenge": b64(b"c" * 32)}
MADE = LAPTOP.create(OPTIONS)
SHOWN = LAPTOP.get(OPTIONS)
PARTY = RelyingParty("fog.example.com", ORIGIN)
KNOWN = Passkey(
    id="passkey_1",
    user_id="user_1",
    name="laptop",
    credential_id=LAPTOP.credentials[0].id,
    public_key=LAPTOP.credentials[0].cose_key,
    sign_count=0,
    transports=(),
    is_synced=False,
    created_at=datetime(2026, 11, 25, tzinfo=UTC),
    last_used_at=None,
    regressed_at=None,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([MADE["rawId"], "a", "=", "é", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(answer=st.sampled_from([MADE, SHOWN]), data=st.data())
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_sent_as_an_answer_either_holds_or_does_not(answer: dict[str, object], data: st.DataObject) -> None:
    changed = json.loads(json.dumps(answer))
    inside = data.draw(st.sampled_from([changed, changed["response"]]))
    member = data.draw(st.sampled_from(sorted(inside)))
    old = inside[member]
    if isinstance(old, str) and data.draw(st.booleans()):
        raw = bytearray(unb64(old))
        position = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        raw[position : position + 1] = data.draw(st.binary(max_size=3))
        inside[member] = b64(bytes(raw))
    else:
        inside[member] = data.draw(json_values)
    ceremonies.challenge_of(changed)
    ceremonies.credential_of(changed)
    ceremonies.user_of(changed)
    ceremonies.registered(PARTY, changed, b"c" * 32)
    ceremonies.counter_shown(PARTY, KNOWN, changed, b"c" * 32)


def test_what_was_not_changed_holds() -> None:
    assert ceremonies.registered(PARTY, MADE, b"c" * 32) is not None
    assert ceremonies.counter_shown(PARTY, KNOWN, SHOWN, b"c" * 32) == 2
    assert ceremonies.transports_of(MADE) == ("internal", "hybrid")
