"""Recent proofs: what could take an account away for good takes one; who takes away somebody's factors says why."""

from dataclasses import replace

import pytest
from tests.integration.factors.conftest import PASSWORD, Person, World

from fogbank.accounts.errors import RecentProofNeeded
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.claims import Claim, claiming
from fogbank.runtime.database import Connection
from fogbank.runtime.problems import Problem


async def refused_kind(act: object) -> tuple[int, str]:
    with pytest.raises(Problem) as refused:
        await act  # type: ignore[misc]
    return refused.value.status, refused.value.kind


async def test_a_session_is_proved_when_it_is_opened_and_for_ten_minutes(world: World) -> None:
    person = await world.person()
    world.clock.forward(minutes=9, seconds=59)
    await person.api.begin_totp()
    world.clock.forward(seconds=1)
    with pytest.raises(Problem) as late:
        await person.api.begin_totp()
    assert (late.value.status, late.value.kind) == (403, "recent-proof-needed")
    assert late.value.extra == {"methods": ["password"]}
    confirmed = await person.api.confirm("password", code=PASSWORD)
    assert (confirmed.until - world.clock()).total_seconds() == 600
    await person.api.begin_totp()


async def test_a_session_is_told_how_it_is_proved_and_until_when(world: World) -> None:
    person = await world.person()
    await world.with_totp(person)
    proof = await person.api.proof()
    assert proof.until is not None
    assert (proof.methods, (proof.until - world.clock()).total_seconds()) == (["password", "recovery", "totp"], 570)
    world.clock.forward(seconds=570)
    assert (await person.api.proof()).until is None
    key = replace(world.tokens.callers[person.token], session_id="", key_id="key_1")
    world.tokens.callers["of-a-key"] = key
    assert (await world.api.as_caller("of-a-key").proof()).methods == []
    assert (await person.api.mine()).passkeys_at == "https://fog.example.com"


async def test_every_change_of_factors_takes_a_recent_proof(world: World) -> None:
    person = await world.person()
    seed, _ = await world.with_totp(person)
    passkey_id = await world.with_passkey(person)
    options = (await person.api.begin_passkey()).public_key
    world.clock.forward(minutes=10)
    for act in (
        person.api.begin_totp(),
        person.api.confirm_totp(world.code(seed)),
        person.api.remove_totp(),
        person.api.renew_recovery_codes(),
        person.api.begin_passkey(),
        person.api.add_passkey("another", person.device.create(options)),
        person.api.remove_passkey(passkey_id),
    ):
        assert await refused_kind(act) == (403, "recent-proof-needed")
    assert await world.methods(person) == {"totp", "recovery", "passkey"}


async def test_a_session_is_confirmed_by_any_factor_and_by_nothing_wrong(world: World) -> None:
    person = await world.person()
    seed, recovery_codes = await world.with_totp(person)
    await world.with_passkey(person)
    answer = person.device.get((await world.api.begin_signing_in()).public_key)
    for method, proof in (
        ("password", {"code": "not it"}),
        ("totp", {"code": "000"}),
        ("recovery", {"code": "000"}),
        ("passkey", {"answer": {}}),
    ):
        assert await refused_kind(person.api.confirm(method, **proof)) == (403, "wrong-code")
    assert (await world.acts(person))[-1] == "session.confirmation_refused"
    await person.api.confirm("totp", code=world.code(seed))
    await person.api.confirm("recovery", code=recovery_codes[0])
    await person.api.confirm("passkey", answer=answer)
    assert (await world.acts(person))[-1] == "session.confirmed"


async def test_guessing_the_password_of_an_open_browser_is_held_up(world: World) -> None:
    person = await world.person()
    for _ in range(5):
        assert await refused_kind(person.api.confirm("password", code="a guess")) == (403, "wrong-code")
    assert await refused_kind(person.api.confirm("password", code=PASSWORD)) == (429, "too-many-attempts")
    world.clock.forward(minutes=1)
    assert await person.api.confirm("password", code=PASSWORD)


async def test_nobody_keeps_those_who_sign_in_waiting_by_confirming_without_end(world: World) -> None:
    """The right password takes as long to check as any other."""
    person, other = await world.person(), await world.person()
    for _ in range(20):
        assert await person.api.confirm("password", code=PASSWORD)
    assert await refused_kind(person.api.confirm("password", code=PASSWORD)) == (429, "too-many-attempts")
    assert await other.api.confirm("password", code=PASSWORD)
    world.clock.forward(hours=1)
    assert await person.api.confirm("password", code=PASSWORD)


async def test_to_ask_for_a_proof_is_not_the_act_that_an_idempotency_key_is_for(world: World) -> None:
    """Else a fault between the two would leave the key taken for good, and nothing done."""
    person = await world.person()

    async def taken(_tx: Connection) -> bool:
        return True

    claim = Claim(taken)
    with claiming(claim):
        await world.factors.proofs.require_of_session(world.tokens.callers[person.token])
    assert not claim.is_made


async def test_a_proof_is_of_one_session(world: World) -> None:
    person = await world.person()
    async with world.database.transaction() as tx:
        other = await world.sessions.open_session(tx, person.id, method="password", address="", agent="")
    world.tokens.callers["other"] = replace(world.tokens.callers[person.token], session_id=other.id)
    world.clock.forward(minutes=10)
    await person.api.confirm("password", code=PASSWORD)
    assert await refused_kind(world.api.as_caller("other").begin_totp()) == (403, "recent-proof-needed")


async def test_neither_a_key_nor_somebody_elses_session_is_a_proof(world: World) -> None:
    person, other = await world.person(), await world.person()
    world.tokens.callers["key"] = Caller(person.id, CallerKind.USER, key_id="key_1")
    world.tokens.callers["borrowed"] = Caller(person.id, CallerKind.USER, session_id=other.session_id)
    for token in ("key", "borrowed"):
        assert await refused_kind(world.api.as_caller(token).begin_totp()) == (403, "recent-proof-needed")
    assert await refused_kind(world.api.as_caller("key").confirm("password", code=PASSWORD)) == (
        403,
        "recent-proof-needed",
    )


async def test_services_prove_themselves_by_their_secret(world: World) -> None:
    async with world.database.transaction() as tx:
        await world.factors.proofs.require(tx, Caller("billing", CallerKind.SERVICE))
        with pytest.raises(RecentProofNeeded):
            await world.factors.proofs.require(tx, Caller("user_none", CallerKind.USER))


async def locked_out(world: World) -> Person:
    person = await world.person()
    await world.with_totp(person)
    await world.with_passkey(person)
    return person


async def test_an_administrator_lets_somebody_in_who_is_locked_out_and_says_why(world: World) -> None:
    person, administrator = await locked_out(world), await world.person(is_administrator=True)
    await administrator.api.take_away(person.id, "lost phone and laptop, seen in person")
    assert await world.methods(person) == frozenset()
    async with world.database.connection() as connection:
        left = await connection.execute("SELECT 1 FROM accounts.sessions WHERE user_id = %s", [person.id])
        assert await left.fetchone() is None, "their sessions ended"
    assert "lost phone and laptop" in (await world.told(person))[-1]
    assert (await world.acts(person))[-1] == "second_factors.removed"


async def test_nobody_takes_away_factors_without_a_reason_or_without_being_an_administrator(world: World) -> None:
    person, administrator = await locked_out(world), await world.person(is_administrator=True)
    stranger = await world.person()
    path = f"/api/v1/users/{person.id}/second-factors"
    headers = {"authorization": f"Bearer {administrator.token}"}
    silent = await world.http.delete(path, headers=headers)
    assert (silent.status_code, silent.json()["type"]) == (422, "urn:fogbank:problem:reason-needed")
    assert await refused_kind(stranger.api.take_away(person.id, "curious")) == (404, "not-found")
    assert await refused_kind(person.api.take_away(person.id, "mine")) == (404, "not-found")
    assert await refused_kind(administrator.api.take_away("user_nobody", "why not")) == (404, "not-found")
    assert await world.methods(person) == {"totp", "recovery", "passkey"}


async def test_factors_are_everybodys_own(world: World) -> None:
    person, other = await locked_out(world), await world.person()
    mine = await other.api.mine()
    assert (mine.totp_since, mine.passkeys, mine.recovery_codes_left, mine.methods) == (None, [], 0, [])
    assert (await person.api.mine()).recovery_codes_left == 10


async def test_what_has_ended_is_deleted_by_the_hourly_job(world: World) -> None:
    person = await world.person()
    await world.api.begin_signing_in()
    await person.api.confirm("password", code=PASSWORD)
    world.clock.forward(hours=2)
    await world.factors.factors.delete_ended()
    async with world.database.connection() as connection:
        left = await connection.execute(
            """
            SELECT (SELECT count(*) FROM accounts.passkey_challenges WHERE expires_at <= %(now)s),
                (SELECT count(*) FROM accounts.recent_proofs WHERE user_id = %(id)s)
            """,
            {"now": world.clock(), "id": person.id},
        )
        assert await left.fetchone() == (0, 0)
