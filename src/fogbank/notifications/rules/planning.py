"""Which e-mails somebody gets now of all that waits for them, and what is held back until when.

Nobody gets more than so many e-mails an hour, nor an ordinary one in their quiet hours. What was held back comes as one
digest. The last e-mail of an hour's is kept for urgent news.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fogbank.notifications.model import QuietHours
from fogbank.notifications.rules.quiet import quiet_until

HOUR = timedelta(hours=1)
PER_HOUR_LEAST = 2
"""One for urgent news, and one for the rest."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that one person is still to be told by e-mail; `is_held` when it was held back before."""

    notice_id: str
    address: str
    is_urgent: bool
    is_held: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """`emails` go now, each with its notices; each of `held` waits until the instant beside it."""

    emails: Sequence[Sequence[Waiting]]
    held: Sequence[tuple[Waiting, datetime]]


def plan(
    waiting: Sequence[Waiting],
    sent_at: Sequence[datetime],
    quiet_hours: QuietHours | None,
    now: datetime,
    per_hour_max: int,
) -> Plan:
    """What to send of `waiting`, which is oldest first, to one person who got e-mails at `sent_at`."""
    recent = sorted(instant for instant in sent_at if instant > now - HOUR)
    urgent = [[each] for each in waiting if each.is_urgent]
    ordinary = _digested([each for each in waiting if not each.is_urgent])
    until = quiet_until(quiet_hours, now) if quiet_hours else None
    urgent_now, urgent_at = _let_through(urgent, recent, per_hour_max, now)
    if until:
        return Plan(urgent_now, [*_held(urgent, urgent_now, urgent_at), *_held(ordinary, [], until)])
    recent += [now] * len(urgent_now)
    ordinary_now, ordinary_at = _let_through(ordinary, recent, per_hour_max - 1, now)
    held = [*_held(urgent, urgent_now, urgent_at), *_held(ordinary, ordinary_now, ordinary_at)]
    return Plan([*urgent_now, *ordinary_now], held)


Emails = Sequence[Sequence[Waiting]]


def _digested(ordinary: Sequence[Waiting]) -> Emails:
    """One e-mail for all that was held back, then one for each of the others."""
    held = [each for each in ordinary if each.is_held]
    return [*([held] if held else []), *([each] for each in ordinary if not each.is_held)]


def _let_through(emails: Emails, recent: Sequence[datetime], emails_max: int, now: datetime) -> tuple[Emails, datetime]:
    """Those that there is room for after the `recent` ones, oldest first, and when there is room for the next."""
    through = emails[: max(0, emails_max - len(recent))]
    all_sent = [*recent, *[now] * len(through)]
    too_many = len(all_sent) - emails_max
    return through, all_sent[too_many] + HOUR if too_many >= 0 else now


def _held(emails: Emails, through: Emails, until: datetime) -> list[tuple[Waiting, datetime]]:
    return [(each, until) for email in emails[len(through) :] for each in email]
