"""API keys as people read them: how they begin and end, what they may do, where they were used, until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from fogbank.accounts.client import ApiKeyView
from fogbank.accounts.client.machines import SecretView
from fogbank.portal.formats import Formats
from fogbank.portal.views.ages import age, full_moment, moment
from fogbank.portal.views.settings.scopes import in_short, in_words

ALL_OF_MINE = "Everything that you may do yourself."
ALL_OF_ROLE = "Everything that its role allows."
SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class SecretRow:
    """One secret that still works; `ends` is empty for the newest."""

    shown: str
    made: str
    ends: str


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key; `state` is empty for one that holds and will go on to."""

    name: str
    shown: str
    state: str
    tone: str
    is_ended: bool
    may: str
    may_words: Sequence[str]
    used: str
    ends: str
    made: str
    networks: Sequence[str]
    secrets: Sequence[SecretRow]
    path: str


@dataclass(frozen=True, slots=True)
class KeysPart:
    """Those that hold, the newest first, and those that do no longer."""

    holding: Sequence[KeyRow]
    ended: Sequence[KeyRow]


def keys_part(keys: Sequence[ApiKeyView], now: datetime, formats: Formats) -> KeysPart:
    newest = sorted(keys, key=lambda key: key.created_at, reverse=True)
    rows = [key_row(key, now, formats) for key in newest]
    return KeysPart([row for row in rows if not row.is_ended], [row for row in rows if row.is_ended])


def key_row(key: ApiKeyView, now: datetime, formats: Formats) -> KeyRow:
    state, tone = _state(key, now)
    return KeyRow(
        name=key.name,
        shown=f"{key.prefix}…{key.last_four}",
        state=state,
        tone=tone,
        is_ended=state in ("revoked", "expired"),
        may=in_short(key.scopes),
        may_words=in_words(key.scopes, all_of=ALL_OF_ROLE if key.service_account_id else ALL_OF_MINE),
        used=used(key.last_used_at, key.last_used_address, now, formats),
        ends=_end(key, now, formats),
        made=moment(key.created_at, formats),
        networks=key.networks,
        secrets=secret_rows(key.prefix, key.secrets, formats),
        path=f"/settings/keys/{quote(key.id)}",
    )


def secret_rows(prefix: str, secrets: Sequence[SecretView], formats: Formats) -> Sequence[SecretRow]:
    """Those that still work, the newest first."""
    return [
        SecretRow(
            shown=f"{prefix}…{secret.last_four}",
            made=moment(secret.created_at, formats),
            ends=f"works until {moment(secret.ends_at, formats)}" if secret.ends_at else "",
        )
        for secret in secrets
    ]


def used(at: datetime | None, address: str | None, now: datetime, formats: Formats) -> str:
    """When it was last used, and from where."""
    if at is None:
        return "never used"
    return f"used {age(at, now, formats)}" + (f" from {address}" if address else "")


def _state(key: ApiKeyView, now: datetime) -> tuple[str, str]:
    if key.revoked_at is not None:
        return "revoked", ""
    if key.expires_at is not None and key.expires_at <= now:
        return "expired", ""
    if key.expires_at is not None and (key.expires_at - now).days < SOON_DAYS:
        return "ends soon", "warn"
    return ("rotating", "") if len(key.secrets) > 1 else ("", "")


def _end(key: ApiKeyView, now: datetime, formats: Formats) -> str:
    if key.revoked_at is not None:
        return f"revoked on {moment(key.revoked_at, formats)}"
    if key.expires_at is None:
        return "works until it is revoked"
    day = full_moment(key.expires_at, formats)
    return f"ended on {day}" if key.expires_at <= now else f"works until {day}"
