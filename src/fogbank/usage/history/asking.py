"""Asking for history: from the words of a request to a query, or the fact that a word is not allowed. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec

from fogbank.kernel.ids import is_id
from fogbank.kernel.meters import Meter
from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.auth import Caller
from fogbank.usage import cursors
from fogbank.usage.client import Format, GroupBy, Interval, Subject
from fogbank.usage.errors import NotAllowed
from fogbank.usage.model import HistoryQuery, Narrowed, Place, Visibility
from fogbank.usage.rules import interval_bounds

METERS = tuple(meter.value for meter in Meter)

SPAN_DAYS_MAX: dict[Interval, int] = {"hour": 93, "day": 1_100, "month": 36_525}
"""How long a history may be: three months by hour, three years by day, a hundred by month."""

YEARS = range(1971, 2200)
"""What readings can be of, with room for any time zone."""

INSTANT_US_MAX = 2**62

NAMED_MAX = 100
"""How many a filter may name."""

MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "csv": "text/csv",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}

TIER_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)
_ID = "an id, 1 to 128 of letters, digits and _ . : -"
_TIER = "a tier, 1 to 32 of lower-case letters, digits, _ and -"
_METER = f"one of {', '.join(METERS)}"
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
    only: Narrowed,
    cursor: str | None,
    rows_max: int,
    caller: Caller,
) -> HistoryQuery:
    """The query that the words mean; `NotAllowed` names the one that means nothing, and what is allowed."""
    if not is_id(subject_id):
        raise NotAllowed("id", f"must be {_ID}")
    zone = timezone_of(timezone)
    _require_span(from_at, to_at, interval)
    bounds = interval_bounds(from_at, to_at, interval, zone)
    return HistoryQuery(
        subject=subject,
        subject_id=subject_id,
        bounds=tuple(microseconds_of(bound) for bound in bounds),
        group_by=groups_of(group_by),
        only=only,
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
    names = _names(text)
    for name in names:
        if name not in allowed:
            raise NotAllowed("group_by", f"'{name[:40]}' is not one of {', '.join(allowed)}")
    return tuple(group for group in allowed if group in names)


def narrowed_to(*, instance_id: str, user_id: str, node_id: str, tier: str, meter: str) -> Narrowed:
    """What the filters name, each a list with commas; meters in their own order, and all of them where none is."""
    meters = named("meter", meter, METERS.__contains__, _METER)
    return Narrowed(
        instance_ids=named("instance_id", instance_id, is_id, _ID),
        user_ids=named("user_id", user_id, is_id, _ID),
        node_ids=named("node_id", node_id, is_id, _ID),
        tiers=named("tier", tier, lambda name: TIER_PATTERN.fullmatch(name) is not None, _TIER),
        meters=tuple(name for name in METERS if not meters or name in meters),
    )


def named(field: str, text: str, is_allowed: Callable[[str], bool], allowed: str) -> tuple[str, ...]:
    """The values in a list with commas, each once and in order."""
    names = sorted(set(_names(text)))
    if len(names) > NAMED_MAX:
        raise NotAllowed(field, f"names {len(names)} at once; at most {NAMED_MAX} are allowed")
    for name in names:
        if not is_allowed(name):
            raise NotAllowed(field, f"'{name[:40]}' is not {allowed}")
    return tuple(names)


def require_known(given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a parameter that a request does not have: misspelt, it would change nothing and nobody would know."""
    allowed = list(known)
    for name in given:
        if name not in allowed:
            raise NotAllowed(name[:40], f"is not a parameter here; there are {', '.join(allowed)}")


def require_whole(table_format: Format, pages: Mapping[str, object]) -> None:
    """Refuse what asks for a page of a table: it is always whole."""
    for field, value in pages.items():
        if value is not None:
            raise NotAllowed(field, f"is for format=json; {table_format} gives the whole span at once")


def format_of(asked: Format | None, accept: str) -> Format:
    """The format that a request names, else the one that its Accept header likes best; JSON where it names none."""
    if asked is not None:
        return asked
    by_type: Mapping[str, Format] = {media_type: name for name, media_type in MEDIA_TYPES.items()}
    liked = sorted((_quality_and_type(part) for part in accept.split(",")), key=lambda each: -each[0])
    return next((by_type[kind] for quality, kind in liked if quality and kind in by_type), "json")


def place_of(cursor: str) -> Place:
    """Where the page before ended, if a row can have this place."""
    place = cursors.place_of(cursor, _place_decoder)
    if not 0 <= place.start_us < INSTANT_US_MAX or place.meter not in ("", *METERS):
        raise cursors.not_given_out()
    return place


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _quality_and_type(part: str) -> tuple[int, str]:
    """How much a part of an Accept header is liked, in thousandths, and what it names."""
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        if quality := re.fullmatch(r"q=(0|1)(?:\.([0-9]{0,3}))?", parameter):
            return int(quality[1] + (quality[2] or "").ljust(3, "0")), kind
    return 1_000, kind


def _require_span(from_at: datetime, to_at: datetime, interval: Interval) -> None:
    if from_at >= to_at:
        raise NotAllowed("to", "must be after from")
    for field, at in (("from", from_at), ("to", to_at)):
        if at.year not in YEARS:
            raise NotAllowed(field, f"must be in a year from {YEARS[0]} to {YEARS[-1]}")
    days = SPAN_DAYS_MAX[interval]
    if to_at - from_at > timedelta(days=days):
        raise NotAllowed("to", f"is too far from 'from': with interval={interval}, at most {days} days")
