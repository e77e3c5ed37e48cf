"""Where somebody is signed in, as they read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from fogbank.accounts.client import OpenSessionView
from fogbank.portal.formats import Formats
from fogbank.portal.views.ages import age, moment
from fogbank.portal.views.settings.agents import agent_in_words

SHOWN = 25
WAYS = {"password": "by password", "link": "by a link", "passkey": "by passkey", "oidc": "by another issuer"}


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One browser; `end` is the page that signs it out, empty for the one that is looking."""

    agent: str
    seen: str
    address: str
    opened: str
    end: str


@dataclass(frozen=True, slots=True)
class SessionsPart:
    """The one that looks is first; `unshown` are more than a page has room for."""

    rows: Sequence[SessionRow]
    others: int
    unshown: int


def sessions_part(sessions: Sequence[OpenSessionView], now: datetime, formats: Formats) -> SessionsPart:
    """The sessions as the API orders them, but the current one first."""
    ordered = sorted(sessions, key=lambda each: not each.is_current)
    rows = [_row(each, now, formats) for each in ordered[:SHOWN]]
    others = sum(not each.is_current for each in sessions)
    return SessionsPart(rows, others, max(0, len(ordered) - SHOWN))


def _row(session: OpenSessionView, now: datetime, formats: Formats) -> SessionRow:
    way = WAYS.get(session.method, "")
    return SessionRow(
        agent=agent_in_words(session.agent),
        seen="in use now" if session.is_current else f"last seen {age(session.last_seen_at, now, formats)}",
        address=session.address or "unknown address",
        opened=f"signed in {way} on {moment(session.created_at, formats)}".replace("  ", " "),
        end="" if session.is_current else f"/settings/security/sessions/{quote(session.id)}/end",
    )
