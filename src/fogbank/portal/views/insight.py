"""The sentence under the chart, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from fogbank.portal.formats import Formats
from fogbank.portal.model import Bucket, Range, Series
from fogbank.portal.rules.insight import Cause, Change, biggest_change, cause_of

IN_TIMES_FROM = 1.0
"""A change of more than this (that is, more than double) is told as a multiple: 3,900 % says little."""

TOLD_RANGES = frozenset({Range.MONTH, Range.YEAR})

LAST_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Insight:
    """`headline` says what changed and when, `detail` by how much and why; `peak` is the bar to mark."""

    headline: str
    detail: str
    is_rise: bool
    peak: int


def insight_for(
    span: Range, buckets: Sequence[Bucket], meters: Sequence[Series], instances: Sequence[Series], formats: Formats
) -> Insight | None:
    """What changed among the complete bars, or `None` when there is nothing to say."""
    if span not in TOLD_RANGES:
        return None
    complete = len(buckets) - 1
    totals = [sum(series.values_micros[index] for series in meters) for index in range(complete)]
    change = biggest_change(totals)
    if change is None:
        return None
    is_rise = change.extra_micros > 0
    extremes = max if is_rise else min
    return Insight(
        headline=_headline(change, span, buckets, formats),
        detail=_detail(change, cause_of(change, meters), cause_of(change, instances), formats),
        is_rise=is_rise,
        peak=extremes(range(change.first, change.last + 1), key=totals.__getitem__),
    )


def _headline(change: Change, span: Range, buckets: Sequence[Bucket], formats: Formats) -> str:
    is_lasting = change.last == len(buckets) - 2
    when = _since(change, span, buckets, formats) if is_lasting else _from_to(change, span, buckets, formats)
    if change.ratio > IN_TIMES_FROM:
        return f"Cost rose to {formats.multiple(1 + change.ratio)} times its level {when}."
    return f"Cost {'rose' if change.ratio > 0 else 'fell'} {formats.percent(change.ratio)} {when}."


def _detail(change: Change, meter: Cause | None, instance: Cause | None, formats: Formats) -> str:
    amount = f"{formats.money(abs(change.extra_micros))} {'more' if change.extra_micros > 0 else 'less'}"
    causes = [f"{'all' if cause.is_all else 'mostly'} {text}" for cause, text in _because(meter, instance) if cause]
    return f"{amount} than at the level before{', ' if causes else ''}{' and '.join(causes)}."


def _because(meter: Cause | None, instance: Cause | None) -> list[tuple[Cause | None, str]]:
    return [(meter, meter.label if meter else ""), (instance, f"from {instance.label}" if instance else "")]


def _since(change: Change, span: Range, buckets: Sequence[Bucket], formats: Formats) -> str:
    start = buckets[change.first].start_at
    return f"since {formats.month(start) if span is Range.YEAR else formats.day(start)}"


def _from_to(change: Change, span: Range, buckets: Sequence[Bucket], formats: Formats) -> str:
    start, last = buckets[change.first].start_at, buckets[change.last].end_at - LAST_MICROSECOND
    if span is Range.YEAR:
        months = formats.month(start), formats.month(last)
        return f"in {months[0]}" if change.first == change.last else f"from {months[0]} to {months[1]}"
    return f"on {formats.day(start)}" if change.first == change.last else formats.days(start, last)
