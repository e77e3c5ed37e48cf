"""Cost over time: bars, labels, legend, and the table behind them, from what billing answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from fogbank.portal.charts.bars import StackedBars, stacked_bars
from fogbank.portal.formats import Formats
from fogbank.portal.model import Bucket, Grouping, Range, Series
from fogbank.portal.rules.axis import labelled
from fogbank.portal.rules.decimals import decimals_for
from fogbank.portal.rules.splitting import Tinted, split
from fogbank.portal.views.insight import Insight, insight_for

NOW_BARS = 2


@dataclass(frozen=True, slots=True)
class ChartChoice:
    """What a person picked: how far back, split by what, and which series are put aside."""

    span: Range
    grouping: Grouping
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AxisLabel:
    text: str
    at: float
    is_sparse: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A series in the legend; `hidden_then` is what would be put aside after pressing it."""

    label: str
    total: str
    tint: int
    is_shown: bool
    hidden_then: str


@dataclass(frozen=True, slots=True)
class Row:
    """A bar as a row of the table."""

    label: str
    cells: Sequence[str]
    total: str


@dataclass(frozen=True, slots=True)
class Chart:
    choice: ChartChoice
    total: str
    bars: StackedBars
    y_labels: Sequence[str]
    x_labels: Sequence[AxisLabel]
    legend: Sequence[Entry]
    heads: Sequence[Entry]
    rows: Sequence[Row]
    insight: Insight | None

    @property
    def is_empty(self) -> bool:
        return not self.legend

    @property
    def is_only_now(self) -> bool:
        """Whether only the last bar or two, which are now, have anything in them."""
        return bool(self.legend) and not any(column.segments for column in self.bars.columns[:-NOW_BARS])


def chart_of(
    choice: ChartChoice,
    buckets: Sequence[Bucket],
    meters: Sequence[Series],
    instances: Sequence[Series],
    formats: Formats,
) -> Chart:
    """The chart of `meters` or `instances`, whichever was picked; the insight always looks at both."""
    tinted = split(meters if choice.grouping is Grouping.METER else instances, choice.grouping)
    shown = [each for each in tinted if each.series.key not in choice.hidden]
    bars = stacked_bars([(each.tint, each.series.values_micros) for each in shown], len(buckets))
    legend = [_entry(each, choice, formats) for each in tinted]
    return Chart(
        choice=choice,
        total=formats.money(sum(each.series.total_micros for each in shown)),
        bars=bars,
        y_labels=_y_labels(bars, formats),
        x_labels=_x_labels(choice.span, buckets, bars, formats),
        legend=legend,
        heads=[entry for entry in legend if entry.is_shown],
        rows=_rows(choice.span, buckets, shown, formats),
        insight=insight_for(choice.span, buckets, meters, instances, formats),
    )


def _entry(tinted: Tinted, choice: ChartChoice, formats: Formats) -> Entry:
    series = tinted.series
    return Entry(
        label=series.label,
        total=formats.money(series.total_micros),
        tint=tinted.tint,
        is_shown=series.key not in choice.hidden,
        hidden_then=",".join(sorted(choice.hidden ^ {series.key})),
    )


def _y_labels(bars: StackedBars, formats: Formats) -> list[str]:
    """From the top down, all with as many decimals as the step between them needs."""
    step = bars.scale.step
    decimals = next((digits for digits in range(6) if step % 10 ** (6 - digits) == 0), 6)
    return [formats.money(tick, decimals) for tick in reversed(bars.scale.ticks)]


def _x_labels(span: Range, buckets: Sequence[Bucket], bars: StackedBars, formats: Formats) -> list[AxisLabel]:
    width = bars.columns[0].width
    return [
        AxisLabel(
            _axis_text(span, buckets[label.index], formats), (label.index + label.bars / 2) * width, label.is_sparse
        )
        for label in labelled(span, buckets)
    ]


def _axis_text(span: Range, bucket: Bucket, formats: Formats) -> str:
    match span:
        case Range.DAY:
            return formats.time(bucket.start_at)
        case Range.WEEK:
            return formats.skeleton("Ed", bucket.start_at)
        case Range.MONTH:
            return formats.skeleton("MMMd", bucket.start_at)
        case Range.YEAR:
            return formats.skeleton("MMM", bucket.start_at)


def _rows(span: Range, buckets: Sequence[Bucket], shown: Sequence[Tinted], formats: Formats) -> list[Row]:
    totals = [sum(each.series.values_micros[index] for each in shown) for index in range(len(buckets))]
    # One count of decimals for the whole table, so that the points stand below each other.
    decimals = decimals_for(max(totals, default=0), formats.minor_digits)
    return [
        Row(
            label=_row_text(span, bucket, formats, is_partial=index == len(buckets) - 1),
            cells=[formats.money(each.series.values_micros[index], decimals) for each in shown],
            total=formats.money(totals[index], decimals),
        )
        for index, bucket in enumerate(buckets)
    ]


def _row_text(span: Range, bucket: Bucket, formats: Formats, *, is_partial: bool) -> str:
    day = formats.skeleton("MMMEd", bucket.start_at)
    match span:
        case Range.DAY | Range.WEEK:
            text = f"{day}, {formats.time(bucket.start_at)}–{formats.time(bucket.end_at)}"
        case Range.MONTH:
            text = day
        case Range.YEAR:
            text = formats.skeleton("yMMMM", bucket.start_at)
    return f"{text} · so far" if is_partial else text
