"""Mending's decisions: what a corrected reading says, and which batches hold readings that lost. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import accumulate

import msgspec

from fogbank.events.usage_event import AHEAD_MAX_US, METRIC_MAX, PERIOD_MAX_US
from fogbank.kernel.quantities import MICROS_PER_UNIT, quantity_from_decimal
from fogbank.usage.errors import NotAllowed
from fogbank.usage.mending.model import Content, Run, StoredReading, Wish
from fogbank.usage.rules import REVISION_BITS

REVISIONS_MAX = 2 ** (64 - REVISION_BITS) - 1
"""How often one reading can be corrected: what the rank of a reading has room for."""
METRIC_MICROS_MAX = int(METRIC_MAX) * MICROS_PER_UNIT


def metrics_micros(metrics: Mapping[str, str], names: Sequence[str]) -> dict[str, int]:
    """Metrics as decimal strings of whole units in micro-units; `NotAllowed` names the one that cannot be."""
    for name in metrics:
        if name not in names:
            raise NotAllowed(f"metrics.{name[:40]}", f"is not a metric; they are {', '.join(names)}")
    return {name: _micros(name, text) for name, text in metrics.items()}


def _micros(name: str, text: str) -> int:
    try:
        micros = quantity_from_decimal(text)
    except ValueError as error:
        raise NotAllowed(f"metrics.{name}", str(error)) from None
    if not 0 <= micros <= METRIC_MICROS_MAX:
        raise NotAllowed(f"metrics.{name}", f"must be from 0 to {METRIC_MAX:.0f}")
    return micros


def corrected(stored: StoredReading, wish: Wish, names: Sequence[str], now_us: int) -> Content:
    """What the reading says when the wish is granted; `NotAllowed` where that is not what a reading can say."""
    content = stored.content
    length_us = content.length_us if wish.end_us is None else wish.end_us - stored.start_us
    if not 0 < length_us <= PERIOD_MAX_US:
        raise NotAllowed("period_end", "must be after the reading's start, by at most one hour")
    if wish.end_us is not None and wish.end_us > now_us + AHEAD_MAX_US:
        raise NotAllowed("period_end", "is more than five minutes in the future")
    metrics = {**dict(zip(names, content.metrics_micros, strict=True)), **wish.metrics_micros}
    return Content(
        length_us=length_us,
        org_id=content.org_id if wish.org_id is None else wish.org_id,
        user_id=content.user_id if wish.user_id is None else wish.user_id,
        metrics_micros=tuple(metrics[name] for name in names),
    )


def digest_of(*parts: object) -> str:
    """A name for what these parts say together: 40 hexadecimal digits, the same for the same."""
    return sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()[:40]


class Winners:
    """How many readings of a window are stored, by the place in the queue of the messages that brought them."""

    def __init__(self, counts: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(counts)
        self._sequences = [sequence for sequence, _ in ordered]
        self._sums = [0, *accumulate(count for _, count in ordered)]

    def within(self, first: int, last: int) -> int:
        """How many of them come from the messages `first` to `last`, both included."""
        end, start = bisect_right(self._sequences, last), bisect_left(self._sequences, first)
        return self._sums[end] - self._sums[start]


def unexplained(runs: Iterable[Run], counted: int) -> bool:
    """Whether a window's runs brought other than the `counted` readings, beyond what is known to be superseded."""
    return sum(run.events - run.superseded for run in runs) != counted


def explained(start_us: int, runs: Sequence[Run], winners: Winners) -> list[Run]:
    """The window's runs with how many of their readings are superseded now, as far as that is news.

    A run is of whole messages without a gap, so what it brought and is not stored under its messages lost to another
    message's reading. Where messages were stored twice in other runs, the run 0 to 0 takes the difference.
    """
    real = [run for run in runs if run.last_sequence]
    known = {(run.first_sequence, run.last_sequence): run for run in runs}
    now = [
        replace(run, superseded=max(0, run.events - winners.within(run.first_sequence, run.last_sequence)))
        for run in real
    ]
    covered = sum(winners.within(first, last) for first, last in joined(now))
    twice = sum(run.events - run.superseded for run in now) - covered
    now.append(Run(start_us, 0, 0, events=0, superseded=twice))
    nothing = Run(start_us, 0, 0, events=0, superseded=0)
    return [run for run in now if known.get((run.first_sequence, run.last_sequence), nothing) != run]


def joined(runs: Iterable[Run]) -> list[tuple[int, int]]:
    """The messages of the runs as few spans, first to last, both included, that do not overlap."""
    spans: list[tuple[int, int]] = []
    for first, last in sorted((run.first_sequence, run.last_sequence) for run in runs):
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(spans[-1][1], last))
        else:
            spans.append((first, last))
    return spans
