"""One-time codes by time (RFC 6238): six digits, a new one every thirty seconds, from a seed in somebody's app."""

from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

import pyotp
import segno
from pyotp.exceptions import OTPVerificationError

from fogbank.accounts.factors import totp_store
from fogbank.accounts.factors.errors import NothingToConfirm
from fogbank.accounts.factors.guessing import Guessing
from fogbank.accounts.factors.model import Method, Seed
from fogbank.accounts.factors.rules import plain_digits
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.sealing import SealingKeys

SEED_BYTES = 20
"""As long as the hash (RFC 4226, 4, R6)."""
WINDOW_STEPS = 1
"""Clocks may be apart by one step either way (RFC 6238, 5.2)."""
UNCONFIRMED_LIFE = timedelta(hours=1)
NEVER = -1


@dataclass(frozen=True, slots=True)
class NewSeed:
    """What an app needs, as letters, as a link and as a picture: shown once."""

    secret: str
    uri: str
    qr_svg: str


@dataclass(frozen=True, slots=True)
class Totp:
    """One seed a person; a new one counts from its first code on, and the old one until then."""

    sealing: SealingKeys
    guessing: Guessing
    issuer: str
    clock: Clock
    entropy: Entropy

    async def begin(self, tx: Connection, user_id: str, label: str) -> NewSeed:
        """A new seed, which counts once `confirm` has seen a code of it; `label` is what the app calls it."""
        secret = b32encode(self.entropy(SEED_BYTES)).decode()
        key_id, sealed = self.sealing.seal(_owner(user_id), secret)
        await totp_store.put_unconfirmed(tx, Seed(user_id, False, key_id, sealed, self.clock(), None, NEVER))
        uri = pyotp.TOTP(secret).provisioning_uri(name=label, issuer_name=self.issuer)
        return NewSeed(secret, uri, _picture_of(uri))

    async def confirm(self, tx: Connection, user_id: str, code: str) -> bool:
        """Whether the code is the new seed's, which counts from now on; `NothingToConfirm` where there is none."""
        now = self.clock()
        seed = await totp_store.locked_seed(tx, user_id, is_confirmed=False)
        if seed is None or now - seed.created_at >= UNCONFIRMED_LIFE:
            raise NothingToConfirm
        async with self.guessing.guess(tx, user_id, Method.TOTP) as guess:
            step = self._step_of(seed, code, now)
            if step is not None:
                guess.is_right = True
                await totp_store.confirm(tx, user_id, step, now)
        return guess.is_right

    async def check(self, tx: Connection, user_id: str, code: str) -> bool:
        """Whether it is the code of now, and no code of its step or a later one was taken before (RFC 6238, 5.2)."""
        async with self.guessing.guess(tx, user_id, Method.TOTP) as guess:
            seed = await totp_store.locked_seed(tx, user_id, is_confirmed=True)
            step = self._step_of(seed, code, self.clock()) if seed is not None else None
            if step is not None:
                guess.is_right = True
                await totp_store.take_step(tx, user_id, step)
        return guess.is_right

    def _step_of(self, seed: Seed, code: str, now: datetime) -> int | None:
        """The time step that the code is of, if it is one that may be taken now."""
        secret = self.sealing.open(_owner(seed.user_id), seed.key_id, seed.sealed)
        digits = plain_digits(code)
        try:
            step = pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=now, valid_window=WINDOW_STEPS)
        except OTPVerificationError:
            return None
        return step if step > seed.last_step else None


def _owner(user_id: str) -> str:
    return f"totp:{user_id}"


def _picture_of(uri: str) -> str:
    """A QR code as SVG, without a size of its own and without styles, which our pages' policy refuses."""
    picture = BytesIO()
    segno.make(uri, error="m", micro=False).save(
        picture, kind="svg", omitsize=True, xmldecl=False, svgclass=None, lineclass=None, light="#fff", border=4
    )
    return picture.getvalue().decode()
