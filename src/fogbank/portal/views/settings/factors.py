"""Second factors, as their holder reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from fogbank.accounts.client.factors import PasskeyView, SecondFactorsView
from fogbank.portal.formats import Formats
from fogbank.portal.views.ages import age
from fogbank.portal.views.settings.agents import agent_in_words

FEW_CODES = 3
NEW_PASSKEY = "/settings/security/passkeys/new"
COPIED = "What it showed last seemed to come from a copy, so it was refused. Remove it unless you know why."
NOWHERE = (
    "Browsers make passkeys only for a name, by https or on localhost, and this installation is known by an address "
    "that is neither. Whoever runs it sets http.public_url: to an https address, or, to try it on this machine, to "
    "http://localhost:8080."
)


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """One passkey; `path` is below what can be done with it. `warning` says what is suspicious about it."""

    name: str
    detail: str
    warning: str
    path: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Why no passkey can be made on a page, and, if one can be somewhere, the address of that."""

    sentence: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class FactorsPart:
    """`app` says since when there is one, empty for none. `elsewhere` is None where a passkey can be made here."""

    has_any: bool
    app: str
    passkeys: Sequence[PasskeyRow]
    codes_left: int
    codes_tone: str
    elsewhere: Elsewhere | None


def factors_part(found: SecondFactorsView, origin: str, now: datetime, formats: Formats) -> FactorsPart:
    """`origin` is that of the page, which passkeys may not be made for."""
    has_any = bool(found.methods)
    since = age(found.totp_since, now, formats) if found.totp_since else ""
    return FactorsPart(
        has_any=has_any,
        app=f"Set up {since}" if since else "",
        passkeys=[_row(each, now, formats) for each in found.passkeys],
        codes_left=found.recovery_codes_left,
        codes_tone=_tone(found.recovery_codes_left) if has_any else "",
        elsewhere=elsewhere(found.passkeys_at, origin),
    )


def elsewhere(passkeys_at: str | None, origin: str) -> Elsewhere | None:
    """Why no passkey can be made on a page of `origin`, and what to do; None where one can."""
    if passkeys_at is None:
        return Elsewhere(NOWHERE)
    if urlsplit(passkeys_at).netloc == urlsplit(origin).netloc:
        return None
    sentence = f"Passkeys are made for {passkeys_at}. Open that address instead, and sign in there, to add one."
    return Elsewhere(sentence, f"{passkeys_at}{NEW_PASSKEY}")


def proposed_name(agent: str) -> str:
    """What to call a passkey that is made in this browser, until its holder says better."""
    return agent_in_words(agent)


def _tone(left: int) -> str:
    return "good" if left > FEW_CODES else "warn" if left else "bad"


def _row(passkey: PasskeyView, now: datetime, formats: Formats) -> PasskeyRow:
    where = "on all devices of its holder" if passkey.is_synced else "on one device"
    used = f"used {age(passkey.last_used_at, now, formats)}" if passkey.last_used_at else "never used"
    made = f"added {age(passkey.created_at, now, formats)}"
    return PasskeyRow(
        name=passkey.name,
        detail=f"{where[0].upper()}{where[1:]} · {made} · {used}",
        warning=COPIED if passkey.regressed_at else "",
        path=f"/settings/security/passkeys/{quote(passkey.id)}",
    )
