"""Quiet hours hold, on nights in which clocks are changed too, and always end."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fogbank.notifications.errors import NoTimeZone, QuietTooLong
from fogbank.notifications.model import QuietHours
from fogbank.notifications.rules.quiet import QUIET_MINUTES_MAX, quiet_minutes, quiet_until, require_sensible

BERLIN = "Europe/Berlin"
ZONES = (
    BERLIN,
    "UTC",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Africa/Casablanca",
)
NIGHT = QuietHours(time(22), time(7), BERLIN)

minutes_of_day = st.times().map(lambda at: at.replace(second=0, microsecond=0))
FIRST, LAST = datetime(2015, 1, 1), datetime(2035, 1, 1)  # noqa: DTZ001  # hypothesis adds the zone
instants = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


@st.composite
def quiet_hours(draw: st.DrawFn) -> QuietHours:
    hours = QuietHours(draw(minutes_of_day), draw(minutes_of_day), draw(st.sampled_from(ZONES)))
    assume(quiet_minutes(hours.from_time, hours.to_time) <= QUIET_MINUTES_MAX)
    return hours


def berlin(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(BERLIN), fold=fold).astimezone(UTC)


@given(quiet_hours(), instants)
def test_whoever_is_not_disturbed_is_told_within_a_day_and_not_held_again(hours: QuietHours, now: datetime) -> None:
    until = quiet_until(hours, now)
    if until is not None:
        assert now < until <= now + timedelta(hours=22)
        assert quiet_until(hours, until) is None


@given(quiet_hours(), instants)
def test_quiet_is_what_a_clock_on_the_wall_shows_wherever_it_is_not_changed(hours: QuietHours, now: datetime) -> None:
    local = now.astimezone(ZoneInfo(hours.timezone))
    around = [now + timedelta(hours=step) for step in range(-26, 27)]
    assume(len({each.astimezone(ZoneInfo(hours.timezone)).utcoffset() for each in around}) == 1)
    shown, start, end = local.time().replace(tzinfo=None), hours.from_time, hours.to_time
    is_within = start <= shown < end if start < end else shown >= start or shown < end
    assert (quiet_until(hours, now) is not None) == is_within


@given(quiet_hours(), instants)
def test_they_end_when_the_clock_on_the_wall_says_so_unless_it_skips_that_time(
    hours: QuietHours, now: datetime
) -> None:
    until = quiet_until(hours, now)
    assume(until is not None)
    assert until is not None
    shown = until.astimezone(ZoneInfo(hours.timezone))
    skipped = shown.replace(tzinfo=None) - timedelta(hours=3)
    is_skipped_night = skipped.replace(tzinfo=shown.tzinfo).utcoffset() != shown.utcoffset()
    assert shown.time().replace(tzinfo=None) == hours.to_time or is_skipped_night


def test_the_night_is_an_hour_shorter_in_spring_and_longer_in_autumn() -> None:
    spring = quiet_until(NIGHT, berlin("2026-03-28T22:00"))
    autumn = quiet_until(NIGHT, berlin("2026-10-24T22:00"))
    assert spring == berlin("2026-03-29T07:00")
    assert autumn == berlin("2026-10-25T07:00")
    assert spring - berlin("2026-03-28T22:00") == timedelta(hours=8)
    assert autumn - berlin("2026-10-24T22:00") == timedelta(hours=10)


def test_an_end_that_comes_twice_is_its_second_coming() -> None:
    hours = QuietHours(time(23), time(2, 30), BERLIN)
    assert quiet_until(hours, berlin("2026-10-25T02:15")) == berlin("2026-10-25T02:30", fold=1)
    assert quiet_until(hours, berlin("2026-10-25T02:15", fold=1)) == berlin("2026-10-25T02:30", fold=1)


def test_an_end_that_is_skipped_is_as_far_after_the_change() -> None:
    hours = QuietHours(time(23), time(2, 30), BERLIN)
    assert quiet_until(hours, berlin("2026-03-29T01:59")) == berlin("2026-03-29T03:30")


def test_the_end_itself_is_not_quiet_and_the_start_is() -> None:
    assert quiet_until(NIGHT, berlin("2026-07-01T22:00")) == berlin("2026-07-02T07:00")
    assert quiet_until(NIGHT, berlin("2026-07-02T07:00")) is None
    assert quiet_until(NIGHT, berlin("2026-07-01T21:59:59.999999")) is None


@pytest.mark.parametrize("to_time", [time(22), time(21), time(18, 1)])
def test_hours_that_leave_hardly_any_of_the_day_are_refused(to_time: time) -> None:
    with pytest.raises(QuietTooLong):
        require_sensible(QuietHours(time(22), to_time, BERLIN))


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../../etc/passwd", "/etc/localtime", "Europe", "\0"])
def test_a_time_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(NoTimeZone):
        require_sensible(QuietHours(time(22), time(7), name))
