"""Asking for history: from the words of a request to a query, or the fact that a word is not allowed. Pure."""

import base64
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec

from fogbank.kernel.ids import is_id
from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.auth import Caller
from fogbank.usage.client import GroupBy, Interval, Subject
from fogbank.usage.errors import NotAllowed
from fogbank.usage.model import HistoryQuery, Visibility
from fogbank.usage.rules import interval_bounds

INTERVALS_MAX = 1_000
SHORTEST_SECONDS: dict[Interval, int] = {"hour": 1_800, "day": 23 * 3_600, "month": 28 * 86_400}
"""The shortest an interval gets when a clock is set; few hours are shorter than an hour."""

YEARS = range(1971, 2200)
"""What readings can be of, with room for any time zone."""

Place = tuple[int, str, str]
_place_decoder = msgspec.json.Decoder(Place)


def history_query(
    *,
    subject: Subject,
    subject_id: str,
    from_at: datetime,
    to_at: datetime,
    interval: Interval,
    timezone: str,
    group_by: str,
    cursor: str | None,
    rows_max: int,
    caller: Caller,
) -> HistoryQuery:
    """The query that the words mean; `NotAllowed` names the one that means nothing, and what is allowed."""
    if not is_id(subject_id):
        raise NotAllowed("id", "must be 1 to 128 of letters, digits and _ . : -")
    zone = timezone_of(timezone)
    _require_span(from_at, to_at, interval)
    bounds = interval_bounds(from_at, to_at, interval, zone)
    return HistoryQuery(
        subject=subject,
        subject_id=subject_id,
        bounds=tuple(microseconds_of(bound) for bound in bounds),
        group_by=groups_of(group_by),
        visibility=Visibility(None if caller.sees_everything else caller.visible_accounts, caller.id),
        rows_max=rows_max,
        after=None if cursor is None else place_of(cursor),
    )


def timezone_of(name: str) -> ZoneInfo:
    """The IANA time zone of that name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        reason = f"'{name[:40]}' is not a time zone; use an IANA name, such as Europe/Berlin or UTC"
        raise NotAllowed("timezone", reason) from None


def groups_of(text: str) -> tuple[GroupBy, ...]:
    """The groups in a list with commas."""
    allowed = get_args(GroupBy)
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in allowed:
            raise NotAllowed("group_by", f"'{name[:40]}' is not one of {', '.join(allowed)}")
    return tuple(group for group in allowed if group in names)


def cursor_of(place: Place) -> str:
    """Where a page ended, for the next request."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_of(cursor: str) -> Place:
    """Where the page before ended."""
    try:
        place: Place = _place_decoder.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise NotAllowed("cursor", "is not one that was given out; start over without it") from None
    return place


def _require_span(from_at: datetime, to_at: datetime, interval: Interval) -> None:
    if from_at >= to_at:
        raise NotAllowed("to", "must be after from")
    for field, at in (("from", from_at), ("to", to_at)):
        if at.year not in YEARS:
            raise NotAllowed(field, f"must be in a year from {YEARS[0]} to {YEARS[-1]}")
    if (to_at - from_at).total_seconds() > INTERVALS_MAX * SHORTEST_SECONDS[interval]:
        days = INTERVALS_MAX * SHORTEST_SECONDS[interval] // 86_400
        raise NotAllowed("to", f"is too far from 'from': with interval={interval}, at most {days} days")
