"""The sentence under the chart: it says what really changed, or nothing."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from fogbank.portal.formats import Formats
from fogbank.portal.model import Range, Series
from fogbank.portal.rules.insight import Cause, Change, biggest_change, cause_of
from fogbank.portal.rules.ranges import buckets
from fogbank.portal.views.insight import insight_for

DAYS = buckets(Range.MONTH, datetime(2026, 11, 23, 9, tzinfo=UTC), ZoneInfo("UTC"))
FORMATS = Formats(Locale("en", "GB"), ZoneInfo("UTC"), "EUR")
CREDIT = 1_000_000
QUIET = [100 * CREDIT] * 30


def with_burst(extra: int, first: int = 17, last: int = 19) -> list[int]:
    return [value + (extra * CREDIT if first <= day <= last else 0) for day, value in enumerate(QUIET)]


def test_a_level_that_stays_says_nothing() -> None:
    assert biggest_change(QUIET) is None
    assert biggest_change([]) is None
    assert biggest_change([0] * 30) is None


def test_the_first_days_of_metering_are_no_change() -> None:
    assert biggest_change([0] * 20 + QUIET[:9]) is None


def test_a_small_change_is_not_worth_a_sentence() -> None:
    assert biggest_change(with_burst(20)) is None


def test_a_burst_is_found_with_its_days_and_its_cost() -> None:
    assert biggest_change(with_burst(80)) == Change(
        first=17, last=19, usual_micros=300 * CREDIT, extra_micros=240 * CREDIT
    )


def test_a_fall_is_found_too() -> None:
    change = biggest_change(with_burst(-70))
    assert change is not None
    assert (change.first, change.last, change.extra_micros) == (17, 19, -210 * CREDIT)


@given(st.lists(st.integers(0, 10**12), max_size=40))
def test_whatever_is_found_is_as_large_as_it_claims(totals: list[int]) -> None:
    change = biggest_change(totals)
    if change is not None:
        run = totals[change.first : change.last + 1]
        assert sum(run) - change.usual_micros == change.extra_micros
        assert abs(change.extra_micros) * 100 >= 25 * change.usual_micros
        assert change.usual_micros > 0


def test_the_cause_is_named_only_if_one_made_most_of_it() -> None:
    change = Change(17, 19, 300 * CREDIT, 240 * CREDIT)
    flat = Series("cpu", "CPU", QUIET)
    assert cause_of(change, [flat, Series("gpu", "GPU", with_burst(80))]) == Cause("gpu", "GPU", is_all=True)
    most = [Series("cpu", "CPU", with_burst(20)), Series("gpu", "GPU", with_burst(60))]
    assert cause_of(change, most) == Cause("gpu", "GPU", is_all=False)
    half = [Series("cpu", "CPU", with_burst(40)), Series("gpu", "GPU", with_burst(40))]
    assert cause_of(change, half) is None
    assert cause_of(change, [Series("gpu", "GPU", with_burst(80))]) is None


def test_the_sentence_says_when_how_much_and_why() -> None:
    meters = [Series("cpu", "CPU", [value // 2 for value in QUIET]), Series("gpu", "GPU", with_burst(50))]
    machines = [Series("a", "gpu-h100-a", with_burst(50)), Series("b", "api", [value // 2 for value in QUIET])]
    insight = insight_for(Range.MONTH, DAYS, meters, machines, FORMATS)
    assert insight is not None
    assert insight.headline == "Cost rose 33.3% from 11 to 13 November."
    assert insight.detail == "€150.00 more than at the level before, all GPU and all from gpu-h100-a."
    assert (insight.is_rise, insight.peak) == (True, 17)


def test_a_change_that_lasts_is_told_with_since() -> None:
    meters = [Series("gpu", "GPU", with_burst(250, 20, 29))]
    insight = insight_for(Range.MONTH, DAYS, meters, [], FORMATS)
    assert insight is not None
    assert insight.headline == "Cost rose to 3.5 times its level since 14 November."


def test_today_is_not_over_and_does_not_count() -> None:
    meters = [Series("gpu", "GPU", [*QUIET[:29], 0])]
    assert insight_for(Range.MONTH, DAYS, meters, [], FORMATS) is None


def test_months_are_told_in_their_own_words() -> None:
    months = buckets(Range.YEAR, datetime(2026, 11, 23, tzinfo=UTC), ZoneInfo("UTC"))
    fall = [Series("gpu", "GPU", [100] * 6 + [40] + [100] * 5)]
    told = insight_for(Range.YEAR, months, fall, [], FORMATS)
    assert told is not None
    assert told.headline == "Cost fell 60% in June."


def test_a_weekend_does_not_end_a_rise() -> None:
    days = [100 * CREDIT] * 15 + [160 * CREDIT, 160 * CREDIT, 115 * CREDIT, 115 * CREDIT] + [160 * CREDIT] * 11
    change = biggest_change(days[:29])
    assert change is not None
    assert (change.first, change.last) == (15, 28)


def test_the_rhythm_of_a_day_or_a_week_is_no_change() -> None:
    burst = [Series("gpu", "GPU", [100] * 10 + [300] * 4 + [100] * 14)]
    for span in (Range.DAY, Range.WEEK):
        bars = buckets(span, datetime(2026, 11, 23, 9, 30, tzinfo=UTC), ZoneInfo("UTC"))
        assert insight_for(span, bars, burst, [], FORMATS) is None
