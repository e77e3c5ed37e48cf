"""The small memory: nothing is found after its time, and it never grows beyond its bound."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fogbank.runtime.expiring import ExpiringCache

START = datetime(2026, 11, 25, tzinfo=UTC)
steps = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 9)), max_size=60)


@given(steps=steps, entries_max=st.integers(1, 4))
def test_only_what_still_holds_is_found_and_the_bound_is_kept(
    steps: list[tuple[int, int, int]], entries_max: int
) -> None:
    cache: ExpiringCache[int, int] = ExpiringCache(entries_max)
    ends: dict[int, datetime] = {}
    now = START
    for key, life, step in steps:
        now += timedelta(seconds=step)
        cache.put(key, key * 10, now + timedelta(seconds=life))
        ends[key] = now + timedelta(seconds=life)
        assert len(cache._entries) <= entries_max
        for known, end in ends.items():
            found = cache.get(known, now)
            assert found in (None, known * 10)
            assert end > now or found is None
