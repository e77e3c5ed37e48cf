"""Passwords: the right one matches, and an unknown user costs as much as a known one."""

import asyncio
from threading import Event, Semaphore

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from fogbank.accounts.errors import TooBusy
from fogbank.accounts.signing_in.passwords import AT_ONCE_MAX, WAITING_MAX, Passwords, argon2id


class CountingHasher(PasswordHash):
    """A quick argon2id that counts its checks."""

    def __init__(self) -> None:
        super().__init__((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
        self.checks = 0

    def verify_and_update(self, password: str | bytes, hash: str | bytes) -> tuple[bool, str | None]:  # noqa: A002
        self.checks += 1
        return super().verify_and_update(password, hash)


async def test_only_the_right_password_matches() -> None:
    passwords = Passwords(CountingHasher())
    stored = await passwords.hash("right")
    assert await passwords.matches("right", stored)
    assert not await passwords.matches("wrong", stored)


async def test_a_user_that_does_not_exist_is_checked_as_slowly() -> None:
    hasher = CountingHasher()
    assert not await Passwords(hasher).matches("nobody's password", None)
    assert hasher.checks == 1


def test_it_is_argon2id() -> None:
    assert argon2id().hash("x").startswith("$argon2id$")


async def test_a_hash_by_other_parameters_is_renewed_when_it_is_checked() -> None:
    older = Passwords(PasswordHash((Argon2Hasher(time_cost=2, memory_cost=16, parallelism=1),)))
    passwords = Passwords(CountingHasher())
    checked = await passwords.check("a long password", await older.hash("a long password"))
    assert checked.is_right
    assert checked.renewed is not None
    again = await passwords.check("a long password", checked.renewed)
    assert (again.is_right, again.renewed) == (True, None)


async def test_a_wrong_password_and_nobodys_renew_nothing() -> None:
    passwords = Passwords(CountingHasher())
    assert (await passwords.check("nobody's password", None)).renewed is None
    assert (await passwords.check("wrong", await passwords.hash("right"))).renewed is None


async def test_the_same_letters_match_however_they_were_typed() -> None:
    passwords = Passwords(CountingHasher())
    assert await passwords.matches("ju\u0308ngling im gru\u0308nen", await passwords.hash("jüngling im grünen"))


class GatedHasher(CountingHasher):
    """One whose checks wait for a gate."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Event()
        self.entered = Semaphore(0)

    async def entered_by(self, count: int) -> None:
        """Wait until so many checks are under way at once."""
        for _ in range(count):
            await asyncio.to_thread(self.entered.acquire)

    def verify_and_update(self, password: str | bytes, hash: str | bytes) -> tuple[bool, str | None]:  # noqa: A002
        self.entered.release()
        self.gate.wait()
        return super().verify_and_update(password, hash)


async def test_a_flood_is_told_to_come_back_and_keeps_no_known_device_waiting() -> None:
    hasher = GatedHasher()
    passwords = Passwords(hasher)
    stored = await passwords.hash("right")
    flood = [asyncio.create_task(passwords.check("wrong", stored)) for _ in range(AT_ONCE_MAX + WAITING_MAX + 1)]
    done, _ = await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
    assert [type(each.exception()) for each in done] == [TooBusy]
    with pytest.raises(TooBusy):
        passwords.require_room(is_known=False)
    passwords.require_room(is_known=True)
    known = asyncio.create_task(passwords.check("right", stored, is_known=True))
    await hasher.entered_by(AT_ONCE_MAX + 1)
    hasher.gate.set()
    assert (await known).is_right
    await asyncio.wait(flood)
    passwords.require_room(is_known=False)


async def test_who_stops_waiting_for_a_check_leaves_no_room_for_another_until_it_is_done() -> None:
    """Else whoever hangs up and calls again would have any number of them under way."""
    hasher = GatedHasher()
    passwords = Passwords(hasher)
    stored = await passwords.hash("right")
    checks = [asyncio.create_task(passwords.check("wrong", stored)) for _ in range(AT_ONCE_MAX + WAITING_MAX)]
    await hasher.entered_by(AT_ONCE_MAX)
    for check in checks[:AT_ONCE_MAX]:
        check.cancel()
    await asyncio.wait(checks[:AT_ONCE_MAX])
    try:
        with pytest.raises(TooBusy):
            passwords.require_room(is_known=False)
    finally:
        hasher.gate.set()
    await asyncio.wait(checks)
    passwords.require_room(is_known=False)
