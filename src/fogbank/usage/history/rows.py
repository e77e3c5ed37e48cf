"""Rows of a history: from sums to what a group used, one row a meter where that was asked. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fogbank.kernel.meters import Meter
from fogbank.kernel.periods import instant_of
from fogbank.kernel.quantities import decimal_text
from fogbank.usage.client import HistoryRow
from fogbank.usage.model import HistoryQuery, Place
from fogbank.usage.rules import AVERAGES, average_micros

PLACES = 5
"""How many columns of a row say where it belongs."""


@dataclass(frozen=True, slots=True)
class UsedRow:
    """What a group used in an interval, in micro-units; without a reading, neither quantities nor averages."""

    place: Place
    end_us: int
    quantities: Mapping[str, int]
    averages: Mapping[str, int]
    events: int
    unmetered_us: int


def sums_limit(query: HistoryQuery) -> int:
    """How many rows of sums make a page, and at least one row more to know that there are more."""
    if "meter" not in query.group_by:
        return query.rows_max + 1
    return query.rows_max // len(query.only.meters) + 2


def used_rows(query: HistoryQuery, names: Sequence[str], sums: Sequence[Sequence[Any]]) -> Iterator[UsedRow]:
    """The rows that follow `query.after`, from sums of these names as `store.history.rows` gives them."""
    ends = dict(zip(query.bounds, query.bounds[1:], strict=False))
    for row in sums:
        used = _used(query, names, row, ends)
        if "meter" not in query.group_by:
            yield used
        else:
            yield from (each for each in _by_meter(query, used) if query.after is None or _is_after(query, each.place))


def history_row(query: HistoryQuery, used: UsedRow) -> HistoryRow:
    """The row as JSON has it: decimal strings of whole units."""
    return HistoryRow(
        instant_of(used.place.start_us),
        instant_of(used.end_us),
        {group: getattr(used.place, group) for group in query.group_by},
        {name: decimal_text(micros) for name, micros in used.quantities.items()},
        {name: decimal_text(micros) for name, micros in used.averages.items()},
        used.events,
        decimal_text(used.unmetered_us),
    )


def _used(query: HistoryQuery, names: Sequence[str], row: Sequence[Any], ends: Mapping[int, int]) -> UsedRow:
    *numbers, events, unmetered_us = row[PLACES:]
    place = Place(*row[:PLACES])
    if not events:
        return UsedRow(place, ends[place.start_us], {}, {}, 0, unmetered_us)
    sums = dict(zip(names, numbers, strict=True))
    length_us = sums[Meter.INSTANCE_SECONDS]
    return UsedRow(
        place=place,
        end_us=ends[place.start_us],
        quantities={name: sums[name] for name in query.only.meters},
        averages={name: average_micros(sums[held], length_us) for name, held in AVERAGES.items()},
        events=events,
        unmetered_us=unmetered_us,
    )


def _by_meter(query: HistoryQuery, used: UsedRow) -> Iterator[UsedRow]:
    for meter in query.only.meters:
        quantities = {meter: used.quantities[meter]} if used.events else {}
        place = used.place._replace(meter=meter)
        yield UsedRow(place, used.end_us, quantities, used.averages, used.events, used.unmetered_us)


def _is_after(query: HistoryQuery, place: Place) -> bool:
    """Of the place where the page before ended, only later meters follow: it was read again for them."""
    after = query.after
    if after is None or place[:PLACES] != after[:PLACES]:
        return True
    meters = query.only.meters
    return after.meter in meters and meters.index(place.meter) > meters.index(after.meter)
