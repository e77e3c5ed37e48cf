"""Signing up: an address is confirmed by whoever has it, once, and nobody learns whether it had an account."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from tests.integration.accounts.signing_in.conftest import OTHER_PASSWORD, PASSWORD, World, a_world
from tests.integration.notifications.postbox import Postbox

from fogbank.accounts.signing_in.opening import SignInTerms
from fogbank.runtime.database import Database
from fogbank.runtime.problems import Problem

SIGN_UPS = "/api/v1/auth/sign-ups"


async def signed_up(world: World, email: str) -> str:
    await world.door.sign_up(email, "Ann", world.browser())
    return await world.token_mailed_to(email)


async def test_who_confirms_chooses_a_password_and_is_signed_in(world: World) -> None:
    email = world.new_address()
    session = await world.door.confirm_sign_up(await signed_up(world, email), PASSWORD, world.browser())
    me = await world.accounts.as_caller((await world.holding(session)).token).me()
    assert (me.email, me.name, me.is_email_confirmed, me.has_chosen_password) == (email, "Ann", True, True)
    assert await world.acts_of(me.id) == ["user.signed_up", "session.opened"]
    assert await world.enter(email)


async def test_until_then_there_is_nothing_to_sign_in_to(world: World) -> None:
    email = world.new_address()
    await signed_up(world, email)
    with pytest.raises(Problem, match="wrong"):
        await world.door.by_password(email, PASSWORD, world.browser())
    await world.door.ask_reset(email, world.browser())
    assert await world.subjects(email) == ["Confirm your address"]


async def test_the_answer_to_an_address_with_an_account_is_the_same_and_so_is_the_work(world: World) -> None:
    known, unknown = (await world.someone()).email, world.new_address()
    answers = []
    for email in (known, unknown):
        before = world.hasher.hashed, world.hasher.checked
        answer = await world.http.post(SIGN_UPS, json={"email": email, "name": "Ann"})
        answers.append((answer.status_code, answer.json()))
        assert (world.hasher.hashed, world.hasher.checked) == before
        assert await world.letters() == 1
        await world.delivered()
    assert answers[0] == answers[1]
    assert answers[0][0] == 202
    assert await world.subjects(known) == ["You have an account already"]
    assert await world.subjects(unknown) == ["Confirm your address"]


async def test_who_signed_up_again_can_choose_a_new_password_by_that_mail(world: World) -> None:
    ann = await world.someone()
    token = await signed_up(world, ann.email)
    await world.door.finish_reset(token, OTHER_PASSWORD, world.browser())
    assert await world.enter(ann.email, OTHER_PASSWORD)


async def test_a_token_is_good_once_and_for_a_day(world: World) -> None:
    email = world.new_address()
    token = await signed_up(world, email)
    world.clock.forward(timedelta(hours=23))
    assert await world.door.confirm_sign_up(token, PASSWORD, world.browser())
    with pytest.raises(Problem, match="no longer hold"):
        await world.door.confirm_sign_up(token, PASSWORD, world.browser())
    late = await signed_up(world, world.new_address())
    world.clock.forward(timedelta(hours=24))
    with pytest.raises(Problem, match="no longer hold"):
        await world.door.confirm_sign_up(late, PASSWORD, world.browser())


async def test_a_token_used_twice_at_once_makes_one_account_and_one_session(world: World) -> None:
    email = world.new_address()
    token = await signed_up(world, email)
    attempts = (world.door.confirm_sign_up(token, PASSWORD, world.browser()) for _ in range(6))
    results = await asyncio.gather(*attempts, return_exceptions=True)
    [session] = [each for each in results if not isinstance(each, BaseException)]
    assert all(each.status == 401 for each in results if isinstance(each, Problem))
    assert len(await world.opened.sign_in.sessions.of(session.user_id)) == 1


async def test_of_two_sign_ups_of_one_address_the_first_confirmed_makes_the_account(world: World) -> None:
    email = world.new_address()
    first, second = await signed_up(world, email), await signed_up(world, email)
    await world.door.confirm_sign_up(second, PASSWORD, world.browser())
    with pytest.raises(Problem, match="no longer hold"):
        await world.door.confirm_sign_up(first, OTHER_PASSWORD, world.browser())
    assert await world.enter(email, PASSWORD)


async def test_a_weak_password_leaves_the_token_unused(world: World) -> None:
    email = world.new_address()
    token = await signed_up(world, email)
    for weak, why in (("1234567890", "sequence"), (email, "own-words"), ("short", "too-short")):
        with pytest.raises(Problem) as refused:
            await world.door.confirm_sign_up(token, weak, world.browser())
        assert (refused.value.status, refused.value.kind) == (422, "weak-password")
        assert refused.value.extra["weakness"] == why
    assert await world.door.confirm_sign_up(token, PASSWORD, world.browser())


async def test_it_is_sent_again_to_who_signed_up_and_to_nobody_else(world: World) -> None:
    email, stranger = world.new_address(), world.new_address()
    await signed_up(world, email)
    for address in (email, stranger):
        await world.door.sign_up_again(address, world.browser())
    assert await world.subjects(email) == ["Confirm your address"] * 2
    assert await world.subjects(stranger) == []
    session = await world.door.confirm_sign_up(await world.token_mailed_to(email), PASSWORD, world.browser())
    assert (await world.accounts.as_caller((await world.holding(session)).token).me()).name == "Ann"


async def test_a_mailbox_is_not_flooded_and_nobody_is_told_so(world: World) -> None:
    email = world.new_address()
    for _ in range(8):
        await world.door.sign_up(email, "Ann", world.browser())
    assert len(await world.subjects(email)) == 5


async def test_who_asks_for_another_in_vain_keeps_nobody_from_signing_up(world: World) -> None:
    """What sends nothing to an address without an account uses up nothing of what would."""
    email = world.new_address()
    for _ in range(8):
        await world.door.ask_reset(email, world.browser())
        await world.door.sign_up_again(email, world.browser())
    await world.door.sign_up(email, "Ann", world.browser())
    assert await world.subjects(email) == ["Confirm your address"]


async def test_one_place_does_not_ask_for_ever(world: World) -> None:
    browser = world.browser()
    for _ in range(30):
        await world.door.ask_reset(world.new_address(), browser)
    with pytest.raises(Problem) as refused:
        await world.door.ask_reset(world.new_address(), browser)
    assert refused.value.status == 429
    await world.delivered()


async def test_only_token_digests_are_stored(world: World) -> None:
    token = await signed_up(world, world.new_address())
    async with world.database.connection() as connection:
        rows = await connection.execute("SELECT s::text FROM accounts.sign_ups s")
        assert not any(token in text for (text,) in await rows.fetchall())


async def test_where_it_is_by_invitation_nobody_signs_up(database: Database, postbox: Postbox, tmp_path: Path) -> None:
    async with a_world(database, postbox, tmp_path, SignInTerms()) as invited:
        assert not await invited.door.can_sign_up()
        with pytest.raises(Problem, match="by invitation") as refused:
            await invited.door.sign_up(invited.new_address(), "Ann", invited.browser())
        assert (refused.value.status, refused.value.kind) == (403, "sign-up-closed")


async def test_where_no_mail_can_be_sent_it_says_so(database: Database, postbox: Postbox, tmp_path: Path) -> None:
    async with a_world(database, postbox, tmp_path, SignInTerms(sign_up="open"), has_mail=False) as silent:
        assert not await silent.door.can_sign_up()
        with pytest.raises(Problem, match=r"smtp\.host") as refused:
            await silent.door.sign_up(silent.new_address(), "Ann", silent.browser())
        assert refused.value.status == 403
        with pytest.raises(Problem) as no_mail:
            await silent.door.ask_reset(silent.new_address(), silent.browser())
        assert (no_mail.value.status, no_mail.value.kind) == (503, "no-mail")


async def test_where_it_is_open_it_says_so(world: World) -> None:
    assert await world.door.can_sign_up()


@pytest.mark.parametrize("letter", ["\u0130", "\u212a"])
async def test_a_link_of_an_account_never_goes_to_an_address_that_only_looks_like_its_own(
    world: World, letter: str
) -> None:
    """`İ` is `i` in lower case to PostgreSQL, and another letter in the name of another's domain."""
    plain = {"\u0130": "i", "\u212a": "k"}[letter]
    someone = await world.someone()
    alike = someone.email.replace("mail.example", f"ma{plain}l.example")
    async with world.database.connection() as connection:
        await connection.execute("UPDATE accounts.users SET email = %s WHERE id = %s", [alike, someone.id])
    typed = alike.replace(plain, letter)
    for path, body in (("sign-ups", {"email": typed, "name": "Eve"}), ("password-resets", {"email": typed})):
        assert (await world.http.post(f"/api/v1/auth/{path}", json=body)).status_code == 422
    await world.opened.sign_up.begin(typed, "Eve", world.browser().address)
    await world.opened.sign_up.send_again(typed, world.browser().address)
    assert await world.subjects(typed) == []
    assert await world.subjects(alike) == ["You have an account already"] * 2
