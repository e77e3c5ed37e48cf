"""Second factors: their views, and a client for whoever manages their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fogbank.accounts.client.signing_in import Browser, SessionView
from fogbank.runtime.client import ServiceHttp
from fogbank.runtime.http.reason import reason_header

API = "/api/v1"
OWN = f"{API}/users/me"


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey: `is_synced` where its holder's devices share it; `regressed_at` when what was shown seemed a copy."""

    id: str
    name: str
    is_synced: bool
    created_at: datetime
    last_used_at: datetime | None
    regressed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SecondFactorsView:
    """What somebody has: an app since when, passkeys, how many recovery codes; and what completes their sign-in.

    `passkeys_at` is the origin of the pages that passkeys are made for, null where browsers make none for ours.
    """

    totp_since: datetime | None
    passkeys: list[PasskeyView]
    recovery_codes_left: int
    methods: list[str]
    passkeys_at: str | None = None


@dataclass(frozen=True, slots=True)
class TotpSeedView:
    """The seed of an app's codes, shown this once: as letters, as an `otpauth:` link, and as a QR code in SVG."""

    secret: str
    uri: str
    qr_svg: str


@dataclass(frozen=True, slots=True)
class RecoveryCodesView:
    """Ten codes, shown this once; none where there were some already."""

    recovery_codes: list[str]


@dataclass(frozen=True, slots=True)
class PasskeyAddedView:
    """A new passkey, and recovery codes if it is the first factor, shown this once."""

    passkey: PasskeyView
    recovery_codes: list[str]


@dataclass(frozen=True, slots=True)
class PasskeyOptionsView:
    """What a browser's `navigator.credentials` takes as `publicKey`, in JSON: for `parse…OptionsFromJSON()`."""

    public_key: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ProofView:
    """By which `methods` the session's holder can prove who they are, and until when a proof counts; null for none."""

    methods: list[str]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ConfirmedView:
    """Until when the session may do what takes a recent proof."""

    until: datetime


@dataclass(frozen=True, slots=True)
class FactorsClient:
    """Speaks to accounts about second factors, as whom `service` shows; signing in needs no token."""

    service: ServiceHttp

    def as_caller(self, token: str) -> "FactorsClient":
        """The same, with a user's own token."""
        return FactorsClient(self.service.as_caller(token))

    async def mine(self) -> SecondFactorsView:
        return await self.service.get(f"{OWN}/second-factors", as_=SecondFactorsView)

    async def proof(self) -> ProofView:
        """Whether the session may do what takes a recent proof, and how it can be proved."""
        return await self.service.get(f"{API}/auth/sessions/current/proof", as_=ProofView)

    async def confirm(
        self, method: str, *, code: str | None = None, answer: Mapping[str, Any] | None = None
    ) -> ConfirmedView:
        """Prove again who one is, by `password`, `totp`, `recovery` or `passkey`; `Problem` 403 `wrong-code` else."""
        body = {"method": method, "code": code, "answer": answer}
        return await self.service.post(f"{API}/auth/sessions/current:confirm", body, as_=ConfirmedView)

    async def begin_totp(self, once: str = "") -> TotpSeedView:
        """A new seed, which counts once it is confirmed; the same one again to whoever names the act the same."""
        headers = {"idempotency-key": once} if once else None
        return await self.service.post(f"{OWN}/totp", None, as_=TotpSeedView, headers=headers)

    async def confirm_totp(self, code: str) -> RecoveryCodesView:
        return await self.service.post(f"{OWN}/totp:confirm", {"code": code}, as_=RecoveryCodesView)

    async def remove_totp(self) -> None:
        await self.service.delete(f"{OWN}/totp")

    async def renew_recovery_codes(self) -> RecoveryCodesView:
        return await self.service.post(f"{OWN}/recovery-codes", None, as_=RecoveryCodesView)

    async def begin_passkey(self) -> PasskeyOptionsView:
        """Options for `navigator.credentials.create()`."""
        return await self.service.post(f"{OWN}/passkeys:begin", None, as_=PasskeyOptionsView)

    async def add_passkey(self, name: str, answer: Mapping[str, Any]) -> PasskeyAddedView:
        """Register what the browser made: `answer` is `credential.toJSON()`."""
        return await self.service.post(f"{OWN}/passkeys", {"name": name, "answer": answer}, as_=PasskeyAddedView)

    async def rename_passkey(self, passkey_id: str, name: str) -> PasskeyView:
        return await self.service.patch(f"{OWN}/passkeys/{passkey_id}", {"name": name}, as_=PasskeyView)

    async def remove_passkey(self, passkey_id: str) -> None:
        await self.service.delete(f"{OWN}/passkeys/{passkey_id}")

    async def take_away(self, user_id: str, reason: str) -> None:
        """Take away a locked-out person's factors and end their sessions. Administrators only."""
        await self.service.delete(
            f"{API}/users/{user_id}/second-factors", headers=reason_header(reason) if reason else None
        )

    async def begin_signing_in(self) -> PasskeyOptionsView:
        """Options for `navigator.credentials.get()`: to sign in, as a second factor, and to confirm."""
        return await self.service.post(f"{API}/auth/passkeys:begin", None, as_=PasskeyOptionsView)

    async def sign_in(self, answer: Mapping[str, Any], browser: Browser) -> SessionView:
        """A session by a passkey alone; `Problem` 401 where it does not hold."""
        body = {"answer": answer, **browser.facts()}
        return await self.service.post(f"{API}/auth/sessions:passkey", body, as_=SessionView)
