"""New passwords: refused where they are guessed too easily, hashed where not."""

from dataclasses import dataclass

from fogbank.accounts.signing_in.breach_list import BreachList
from fogbank.accounts.signing_in.errors import WeakPassword
from fogbank.accounts.signing_in.passwords import Passwords
from fogbank.accounts.signing_in.rules.weakness import Weakness, weakness_of

SERVICE_NAME = "fogbank"


@dataclass(frozen=True, slots=True)
class NewPasswords:
    """Checks before it hashes, since checking is quick and hashing is not."""

    passwords: Passwords
    breach_list: BreachList

    async def hashed(self, password: str, *, email: str, name: str) -> str:
        """What to store of it; `WeakPassword` where it is too easy to guess for this person."""
        weakness = weakness_of(password, (email, name, SERVICE_NAME))
        if weakness is None and await self.breach_list.has(password):
            weakness = Weakness.BREACHED
        if weakness is not None:
            raise WeakPassword(weakness)
        return await self.passwords.hash(password)
