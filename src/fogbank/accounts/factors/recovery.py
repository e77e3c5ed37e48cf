"""Recovery codes: ten, each good once, for who has lost the rest. 80 random bits each, so SHA-256 keeps them."""

from dataclasses import dataclass

from fogbank.accounts.factors import recovery_store
from fogbank.accounts.factors.rules import CODE_BYTES, CODES, plain_code, recovery_code_of
from fogbank.accounts.opaque import digest
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection
from fogbank.runtime.entropy import Entropy


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """Makes codes, shown once, and takes each once."""

    clock: Clock
    entropy: Entropy

    async def renew(self, tx: Connection, user_id: str) -> list[str]:
        """Ten new codes; those before them are good no more."""
        codes = [recovery_code_of(self.entropy(CODE_BYTES)) for _ in range(CODES)]
        await recovery_store.replace(tx, user_id, [digest(plain_code(code)) for code in codes], self.clock())
        return codes

    async def check(self, tx: Connection, user_id: str, code: str) -> bool:
        """Whether it is one of theirs, and the first time that it is shown."""
        return await recovery_store.use_once(tx, user_id, digest(plain_code(code)), self.clock())
