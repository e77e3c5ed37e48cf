"""Passwords: the right one matches, and an unknown user costs as much as a known one."""

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from fogbank.accounts.signing_in.passwords import Passwords, argon2id


class CountingHasher(PasswordHash):
    """A quick argon2id that counts its checks."""

    def __init__(self) -> None:
        super().__init__((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
        self.checks = 0

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002
        self.checks += 1
        return super().verify(password, hash)


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
