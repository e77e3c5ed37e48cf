"""Notices as a person reads them: in the bell's panel, and on their own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from fogbank.notifications.client import EmailView, NoticesView, NoticeView
from fogbank.portal.formats import Formats
from fogbank.portal.views.ages import age, moment
from fogbank.portal.views.shell import AccountChoice

BAD, GOOD, WARN = "bad", "good", "warn"
TONES = {
    "threshold_violation": WARN,
    "threshold_cleared": GOOD,
    "balance_low": WARN,
    "balance_exhausted": BAD,
    "balance_restored": GOOD,
    "account_suspended": BAD,
    "account_restored": GOOD,
    "account_closed": WARN,
    "webhook_disabled": WARN,
}
ICONS = {BAD: "alert", WARN: "alert", GOOD: "check"}
THRESHOLD_EVENTS = frozenset({"threshold_violation", "threshold_cleared"})
BALANCE_EVENTS = frozenset({"balance_low", "balance_exhausted", "balance_restored"})


@dataclass(frozen=True, slots=True)
class Line:
    """One notice. `place` is where it leads; `email` says what became of its e-mail, if it says anything."""

    id: str
    title: str
    text: str
    age: str
    moment: str
    at: datetime
    account: str
    tone: str
    icon: str
    is_unread: bool
    place: str
    email: str


@dataclass(frozen=True, slots=True)
class Notices:
    """A page of them. `newest` is up to where "all" reaches, `older` where the next page begins; empty for nowhere."""

    lines: Sequence[Line]
    newest: str
    older: str


def notices_of(found: NoticesView, choices: Sequence[AccountChoice], now: datetime, formats: Formats) -> Notices:
    """The page as `now` reads it."""
    names = {choice.id: choice.name for choice in choices}
    lines = [_line(notice, names.get(notice.account_id, ""), now, formats) for notice in found.notices]
    return Notices(lines, found.notices[0].cursor if found.notices else "", found.next_cursor or "")


def _line(notice: NoticeView, account: str, now: datetime, formats: Formats) -> Line:
    tone = BAD if notice.is_urgent else TONES.get(notice.event_type, "")
    return Line(
        id=notice.id,
        title=notice.title,
        text=notice.text,
        age=age(notice.occurred_at, now, formats),
        moment=moment(notice.occurred_at, formats),
        at=notice.occurred_at,
        account=account,
        tone=tone,
        icon=ICONS.get(tone, "bell"),
        is_unread=notice.read_at is None,
        place=place_of(notice),
        email=email_text(notice.email, formats),
    )


def place_of(notice: NoticeView) -> str:
    """The page that is about the same thing, of the account concerned."""
    account = urlencode({"account": notice.account_id})
    if notice.event_type in THRESHOLD_EVENTS:
        return f"/alerts?{account}"
    return f"/usage?{account}" if notice.event_type in BALANCE_EVENTS else f"/webhooks?{account}"


def email_text(email: EmailView | None, formats: Formats) -> str:
    """What became of the e-mail, in a few words; empty where none was wanted."""
    if email is None:
        return ""
    match email.state:
        case "sent":
            return f"E-mail sent at {formats.time(email.at)}"
        case "held":
            return f"E-mail comes at {formats.time(email.at)}"
        case "queued":
            return "E-mail on its way"
        case "failed":
            return f"E-mail failed: {email.detail}"
        case _:
            return email.detail
