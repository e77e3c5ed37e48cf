"""An e-mail that is not taken is tried again for a day, ever more patiently, and no longer."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fogbank.notifications.rules.retrying import GIVE_UP_AFTER, WAIT_LEAST, WAIT_MOST, again_at

CREATED = datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_the_waits_double_from_a_minute_to_an_hour() -> None:
    waits = [again_at(CREATED, attempts, CREATED) for attempts in (1, 2, 3, 7, 100_000)]
    assert waits == [CREATED + timedelta(minutes=minutes) for minutes in (1, 2, 4, 60, 60)]


@given(st.integers(1, 2000), st.integers(0, 3 * 86_400))
def test_it_is_tried_later_or_never_again(attempts: int, seconds: int) -> None:
    now = CREATED + timedelta(seconds=seconds)
    again = again_at(CREATED, attempts, now)
    if again is None:
        assert now > CREATED + GIVE_UP_AFTER - WAIT_MOST
    else:
        assert WAIT_LEAST <= again - now <= WAIT_MOST
        assert again <= CREATED + GIVE_UP_AFTER
