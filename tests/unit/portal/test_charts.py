"""Charts as numbers: bars add up, ticks are round, and what people named is escaped."""

from hypothesis import given
from hypothesis import strategies as st

from fogbank.portal.charts.bars import stacked_bars
from fogbank.portal.charts.scale import percent, scale_for
from fogbank.portal.charts.sparkline import sparkline

AMOUNTS = st.integers(0, 10**15)


@given(AMOUNTS)
def test_a_scale_reaches_what_is_drawn_in_few_round_steps(largest: int) -> None:
    scale = scale_for(largest)
    assert scale.top >= largest
    assert scale.top - scale.step < max(1, largest)
    assert 1 <= len(scale.ticks) - 1 <= 5
    assert str(scale.step).rstrip("0") in {"1", "2", "5"}


@given(st.lists(st.lists(AMOUNTS, min_size=5, max_size=5), max_size=8))
def test_a_bars_segments_add_up_to_its_total(rows: list[list[int]]) -> None:
    bars = stacked_bars(list(enumerate(rows)), columns=5)
    for index, column in enumerate(bars.columns):
        total = sum(row[index] for row in rows)
        assert abs(sum(segment.height for segment in column.segments) - percent(total, bars.scale.top)) < 1e-6
        assert abs(column.top - (100 - percent(total, bars.scale.top))) < 1e-6


@given(st.lists(st.lists(AMOUNTS, min_size=3, max_size=3), min_size=1, max_size=5))
def test_segments_lie_on_each_other_without_gaps(rows: list[list[int]]) -> None:
    for column in stacked_bars(list(enumerate(rows)), columns=3).columns:
        bottom = 100.0
        for segment in column.segments:
            assert abs(segment.y + segment.height - bottom) < 1e-6
            bottom = segment.y


@given(st.integers(1, 60))
def test_columns_fill_the_width_and_bars_stay_within_theirs(columns: int) -> None:
    bars = stacked_bars([(0, [1] * columns)], columns)
    assert abs(sum(column.width for column in bars.columns) - 100) < 1e-6
    for column in bars.columns:
        assert column.left < column.bar_left
        assert column.bar_left + column.bar_width < column.left + column.width
        assert abs(column.bar_left + column.bar_width / 2 - column.middle) < 1e-9


def test_a_refund_does_not_pull_a_bar_below_the_ground() -> None:
    (column,) = stacked_bars([(0, [-5]), (1, [10])], columns=1).columns
    assert [segment.tint for segment in column.segments] == [1]


def test_a_sparkline_needs_two_points_and_spans_its_box() -> None:
    assert sparkline([]) is None
    assert sparkline([5]) is None
    line = sparkline([10, 20, 10])
    assert line is not None
    assert line.line == "M0.0 27.0L50.0 4.0L100.0 27.0"
    assert line.area == "M0.0 27.0L50.0 4.0L100.0 27.0V30H0Z"


def test_amounts_start_at_zero_and_a_flat_line_is_flat() -> None:
    from_zero = sparkline([10, 10], from_zero=True)
    assert from_zero is not None
    assert from_zero.line == "M0.0 4.0L100.0 4.0"
    flat = sparkline([7, 7, 7])
    assert flat is not None
    assert flat.line == "M0.0 27.0L50.0 27.0L100.0 27.0"
