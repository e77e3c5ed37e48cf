"""What waited is sent at a bounded pace."""

from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.agent.pace import Pace


def test_a_few_go_at_once_and_the_rest_one_after_the_other() -> None:
    pace = Pace(2, 4)
    assert [pace.wait_seconds(100.0) for _ in range(7)] == [0, 0, 0, 0, 0.5, 1.0, 1.5]


def test_who_sends_seldom_never_waits() -> None:
    pace = Pace(1, 1)
    assert [pace.wait_seconds(30.0 * number) for number in range(10)] == [0] * 10


@given(st.integers(1, 20), st.integers(1, 10), st.lists(st.floats(0, 5), max_size=60))
def test_no_span_of_time_sees_more_than_the_pace_allows(per_second: int, burst: int, pauses: list[float]) -> None:
    pace, now, sent = Pace(per_second, burst), 0.0, []
    for pause in pauses:
        now += pause
        now += pace.wait_seconds(now)
        sent.append(now)
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            allowed = burst + per_second * (sent[last] - sent[first])
            assert last - first + 1 <= allowed + 1e-6 * per_second
