"""The chart: what is drawn, what is told beside it and what stands in the table are the same figures."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader

import fogbank.portal
from fogbank.kernel.meters import Meter
from fogbank.portal.formats import Formats
from fogbank.portal.model import Grouping, Range, Series
from fogbank.portal.rules.axis import labelled
from fogbank.portal.rules.ranges import buckets
from fogbank.portal.rules.splitting import OTHERS_KEY, split
from fogbank.portal.views.chart import Chart, ChartChoice, chart_of

NOW = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
CREDIT = 1_000_000
CPU = Series(Meter.CPU_SECONDS, "CPU", [40 * CREDIT] * 30)
GPU = Series(Meter.GPU_SECONDS, "GPU", [60 * CREDIT] * 30)


def chart(formats: Formats, *meters: Series, hidden: frozenset[str] = frozenset()) -> Chart:
    choice = ChartChoice(Range.MONTH, Grouping.METER, hidden)
    return chart_of(choice, buckets(Range.MONTH, NOW, UTC_ZONE), meters, [], formats)


def test_total_legend_and_table_tell_the_same(formats: Formats) -> None:
    it = chart(formats, GPU, CPU)
    assert it.total == "€3,000.00"
    assert [(entry.label, entry.total, entry.tint) for entry in it.legend] == [
        ("CPU", "€1,200.00", 0),
        ("GPU", "€1,800.00", 1),
    ]
    assert it.rows[0].label == "Sun 25 Oct"
    assert it.rows[-1].label == "Mon 23 Nov · so far"
    assert (it.rows[0].cells, it.rows[0].total) == (["€40.00", "€60.00"], "€100.00")


def test_what_is_put_aside_leaves_bars_total_and_table_but_not_the_legend(formats: Formats) -> None:
    it = chart(formats, GPU, CPU, hidden=frozenset({Meter.GPU_SECONDS}))
    assert it.total == "€1,200.00"
    assert [entry.is_shown for entry in it.legend] == [True, False]
    assert [entry.hidden_then for entry in it.legend] == ["cpu_seconds,gpu_seconds", ""]
    assert [head.label for head in it.heads] == ["CPU"]
    assert it.bars.scale.top == 40 * CREDIT


def test_axis_labels_have_no_more_decimals_than_their_steps(formats: Formats) -> None:
    assert chart(formats, CPU).y_labels == ["€40", "€30", "€20", "€10", "€0"]
    small = Series("cpu_seconds", "CPU", [2_500] * 30)
    assert chart(formats, small).y_labels == ["€0.003", "€0.002", "€0.001", "€0.000"]


def test_nothing_that_cost_anything_is_an_empty_chart(formats: Formats) -> None:
    assert chart(formats, Series("cpu_seconds", "CPU", [0] * 30)).is_empty
    assert not chart(formats, CPU).is_empty


def test_a_chart_that_has_only_now_says_so(formats: Formats) -> None:
    assert chart(formats, Series("cpu_seconds", "CPU", [0] * 28 + [1, 2])).is_only_now
    assert not chart(formats, Series("cpu_seconds", "CPU", [0] * 27 + [1, 1, 2])).is_only_now
    assert not chart(formats).is_only_now


def test_many_instances_are_five_by_name_and_the_rest_together() -> None:
    series = [Series(f"i-{number}", f"i-{number}", [100 - number, 1]) for number in range(9)]
    tinted = split(series, Grouping.INSTANCE)
    assert [each.series.label for each in tinted] == ["i-0", "i-1", "i-2", "i-3", "i-4", "4 others"]
    assert tinted[-1].series.key == OTHERS_KEY
    assert tinted[-1].series.values_micros == [95 + 94 + 93 + 92, 4]
    assert len({each.tint for each in tinted}) == 6


def test_six_instances_all_have_their_names() -> None:
    series = [Series(f"i-{number}", f"i-{number}", [1]) for number in range(6)]
    assert len([each for each in split(series, Grouping.INSTANCE) if each.series.key != OTHERS_KEY]) == 6


def test_labels_are_few_and_the_present_day_has_one() -> None:
    assert 6 <= len(labelled(Range.MONTH, buckets(Range.MONTH, NOW, UTC_ZONE))) <= 8
    assert len(labelled(Range.YEAR, buckets(Range.YEAR, NOW, UTC_ZONE))) == 12
    assert len(labelled(Range.DAY, buckets(Range.DAY, NOW, UTC_ZONE))) == 8
    week = labelled(Range.WEEK, buckets(Range.WEEK, NOW, UTC_ZONE))
    assert [label.bars for label in week] == [4] * 6 + [2]


def test_what_people_named_is_escaped(formats: Formats) -> None:
    folder = Path(fogbank.portal.__file__).parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True)
    macro = environment.get_template("charts/bars.html").module
    it = chart(formats, CPU)
    drawn = macro.stacked_bars(it.bars, ["<b>"], it.x_labels, '"><script>alert(1)</script>')  # type: ignore[attr-defined]
    assert "<script>" not in drawn
    assert "<b>" not in drawn
    assert "style=" not in drawn
    assert drawn.count('class="column') == 30
