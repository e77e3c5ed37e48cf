"""An e-mail that is not taken is tried again for its time, ever more patiently, and no longer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.notifications.rules.retrying import WITH_MESSAGES, WITH_NOTICES, Patience

CREATED = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("patience", "seconds"), [(WITH_NOTICES, [60, 120, 240, 3600, 3600]), (WITH_MESSAGES, [15, 30, 60, 600, 600])]
)
def test_the_waits_double_from_the_least_to_the_most(patience: Patience, seconds: list[int]) -> None:
    waits = [patience.again_at(CREATED, attempts, CREATED) for attempts in (1, 2, 3, 7, 100_000)]
    assert waits == [CREATED + timedelta(seconds=each) for each in seconds]


@given(st.sampled_from([WITH_NOTICES, WITH_MESSAGES]), st.integers(1, 2000), st.integers(0, 3 * 86_400))
def test_it_is_tried_later_or_never_again(patience: Patience, attempts: int, seconds: int) -> None:
    now = CREATED + timedelta(seconds=seconds)
    again = patience.again_at(CREATED, attempts, now)
    if again is None:
        assert now > CREATED + patience.tried_for - patience.wait_most
    else:
        assert patience.wait_least <= again - now <= patience.wait_most
        assert again <= CREATED + patience.tried_for
