"""Passkeys: registered by their holder, and shown to sign in, alone or after a password."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fogbank.accounts.factors import ceremonies, passkey_store, wording
from fogbank.accounts.factors.ceremonies import Answer
from fogbank.accounts.factors.errors import PasskeyKnown, PasskeysUnavailable, TooManyPasskeys, WrongCode
from fogbank.accounts.factors.model import Passkey, RelyingParty
from fogbank.accounts.factors.rules import relying_party_of, went_back
from fogbank.accounts.model import User
from fogbank.accounts.opaque import ID_BYTES
from fogbank.accounts.signing_in.mailing import Mailing
from fogbank.kernel.ids import new_id
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection
from fogbank.runtime.entropy import Entropy

CHALLENGE_BYTES = 32
CHALLENGE_LIFE = timedelta(minutes=5)
PASSKEYS_MAX = 20


@dataclass(frozen=True, slots=True)
class Passkeys:
    """Passkeys for the pages at `public_url`, made under the name `party_name`. A challenge is good once."""

    public_url: str
    party_name: str
    mailing: Mailing
    clock: Clock
    entropy: Entropy

    @property
    def origin(self) -> str | None:
        """The origin of the pages that passkeys are made for; None where browsers make none."""
        party = relying_party_of(self.public_url)
        return None if party is None else party.origin

    async def begin_registering(self, tx: Connection, user: User) -> dict[str, Any]:
        """Options to make a passkey by; `TooManyPasskeys`, `PasskeysUnavailable`."""
        party = self._party()
        known = await passkey_store.of_user(tx, user.id)
        if len(known) >= PASSKEYS_MAX:
            raise TooManyPasskeys(PASSKEYS_MAX)
        challenge = await self._challenge(tx, user.id)
        credentials = [passkey.credential_id for passkey in known]
        return ceremonies.creation_options(
            party, self.party_name, user_id=user.id, label=user.email, challenge=challenge, known=credentials
        )

    async def register(self, tx: Connection, user_id: str, name: str, answer: Answer) -> Passkey:
        """A new passkey of theirs; `WrongCode` when the answer does not hold, `PasskeyKnown`, `TooManyPasskeys`."""
        party = self._party()
        challenge = await self._spent(tx, answer, user_id)
        made = None if challenge is None else ceremonies.registered(party, answer, challenge)
        if made is None:
            raise WrongCode
        passkey = Passkey(
            id=new_id("passkey", self.entropy(ID_BYTES)),
            user_id=user_id,
            name=name,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            transports=ceremonies.transports_of(answer),
            is_synced=made.is_synced,
            created_at=self.clock(),
            last_used_at=None,
            regressed_at=None,
        )
        if await passkey_store.count(tx, user_id) >= PASSKEYS_MAX:
            raise TooManyPasskeys(PASSKEYS_MAX)
        if not await passkey_store.insert_once(tx, passkey):
            raise PasskeyKnown
        return passkey

    async def begin_showing(self, tx: Connection) -> dict[str, Any]:
        """Options to show a passkey by, whosever it is."""
        party = self._party()
        return ceremonies.request_options(party, await self._challenge(tx, None))

    async def shown(self, tx: Connection, answer: Answer) -> Passkey | None:
        """The passkey that the answer is of, if the answer holds. Commit either way: its challenge is spent.

        A counter that went back says that there is a copy, or a device that forgot: the answer does not hold, and the
        holder is told (WebAuthn, 6.1.1).
        """
        party, now = self._party(), self.clock()
        challenge, credential_id = await self._spent(tx, answer, None), ceremonies.credential_of(answer)
        if challenge is None or credential_id is None:
            return None
        passkey = await passkey_store.by_credential(tx, credential_id)
        if passkey is None or ceremonies.user_of(answer) not in (None, passkey.user_id):
            return None
        count = ceremonies.counter_shown(party, passkey, answer, challenge)
        if count is None:
            return None
        if went_back(passkey.sign_count, count):
            await passkey_store.regressed(tx, passkey.id, now)
            await self.mailing.notice_in(tx, passkey.user_id, wording.passkey_went_back(passkey.name))
            return None
        await passkey_store.used(tx, passkey.id, count, now)
        return passkey

    async def check(self, tx: Connection, user_id: str, answer: Answer) -> bool:
        """Whether the answer is of a passkey of theirs and holds."""
        passkey = await self.shown(tx, answer)
        return passkey is not None and passkey.user_id == user_id

    async def _challenge(self, tx: Connection, user_id: str | None) -> bytes:
        challenge = self.entropy(CHALLENGE_BYTES)
        expires_at = self.clock() + CHALLENGE_LIFE
        await passkey_store.insert_challenge(tx, passkey_store.digest_of(challenge), user_id, expires_at)
        return challenge

    async def _spent(self, tx: Connection, answer: Answer, user_id: str | None) -> bytes | None:
        """The challenge that the answer is to, if we gave it out, to them, lately, and see it for the first time."""
        challenge = ceremonies.challenge_of(answer)
        if challenge is None:
            return None
        is_ours = await passkey_store.spend_challenge(tx, passkey_store.digest_of(challenge), user_id, self.clock())
        return challenge if is_ours else None

    def _party(self) -> RelyingParty:
        party = relying_party_of(self.public_url)
        if party is None:
            raise PasskeysUnavailable(self.public_url)
        return party
