"""Sessions last as long as the setting says, and never for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.signing_in.rules.lasting import SLIDING_MOST, Lifetime, needs_current_password, to_the_minute

BEGAN = datetime(2026, 11, 25, 12, tzinfo=UTC)
ages = st.timedeltas(timedelta(), timedelta(days=400))
lifetimes = st.builds(Lifetime, st.integers(1, 90).map(lambda days: timedelta(days=days)), st.booleans())


@given(lifetime=lifetimes, age=ages)
def test_no_session_outlasts_what_its_cookie_says(lifetime: Lifetime, age: timedelta) -> None:
    assert lifetime.ends_at(BEGAN, BEGAN + age) <= lifetime.ends_at_most(BEGAN)


@given(lifetime=lifetimes, age=ages)
def test_an_absolute_one_does_not_move(lifetime: Lifetime, age: timedelta) -> None:
    if not lifetime.is_sliding:
        assert lifetime.ends_at(BEGAN, BEGAN + age) == BEGAN + lifetime.length


def test_a_sliding_one_goes_with_its_use_for_ninety_days() -> None:
    lifetime = Lifetime(timedelta(days=14), is_sliding=True)
    assert lifetime.ends_at(BEGAN, BEGAN + timedelta(days=10)) == BEGAN + timedelta(days=24)
    assert lifetime.ends_at(BEGAN, BEGAN + timedelta(days=89)) == BEGAN + SLIDING_MOST


def test_last_use_is_known_to_the_minute() -> None:
    assert to_the_minute(BEGAN + timedelta(seconds=59, microseconds=7)) == BEGAN


@pytest.mark.parametrize(
    ("has_password", "came_by_link", "minutes", "needs"),
    [
        (True, False, 1, True),
        (True, True, 60, False),
        (True, True, 61, True),
        (False, False, 60, False),
        (False, False, 61, True),
    ],
)
def test_a_password_takes_the_one_before_unless_a_link_was_just_used(
    has_password: bool, came_by_link: bool, minutes: int, needs: bool
) -> None:
    since = timedelta(minutes=minutes)
    assert needs_current_password(has_password=has_password, came_by_link=came_by_link, since=since) is needs
