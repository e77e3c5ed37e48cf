"""Gaps: where an instance's readings are missing, by the holes in their sequence. Unmetered, never zero.

A sequence that goes on is no gap, however long the time between: the instance did not run. One that goes down or
starts anew is a restart, and tells nothing. What lies between two readings whose numbers leave some out was not
measured. A gap is its owner's whose instance was read last before it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from fogbank.usage.model import DAY_US, HOUR_US, Gap, HourRun, Span
from fogbank.usage.rules import spans_of, start_of
from fogbank.usage.store import gaps
from fogbank.usage.store.engine import Engine

INSTANCES_AT_ONCE = 1_000


async def recompute(engine: Engine, hours: Iterable[int], revision: int) -> None:
    """Bring the gaps of every instance in these hours, which are rolled up, to what they and their neighbours say.

    Links reach to the hours before and after, however far away: a late reading shortens, splits or closes its gap.
    Safe to repeat at any point. The hours' marks are cleared after it.
    """
    for span in spans_of(hours, HOUR_US, DAY_US, DAY_US):
        suspects = await gaps.suspects(engine, span)
        for first in range(0, len(suspects), INSTANCES_AT_ONCE):
            await _recompute(engine, span, suspects[first : first + INSTANCES_AT_ONCE], revision)


async def _recompute(engine: Engine, span: Span, instances: Sequence[str], revision: int) -> None:
    hours = await gaps.hours(engine, span, instances)
    torn = [hour for hour in hours if hour.is_torn]
    parts = await gaps.readings(engine, torn) if torn else []
    known = await gaps.known(engine, instances)
    await gaps.write(engine, differences(hours, parts, known), revision)


def differences(hours: Iterable[HourRun], parts: Iterable[HourRun], known: Iterable[Gap]) -> Iterator[Gap]:
    """What to write so that the known gaps become those between these hours; `parts` are what torn hours consist of."""
    parts_by_hour: dict[tuple[str, int], list[HourRun]] = defaultdict(list)
    for part in parts:
        parts_by_hour[part.instance_id, part.hour_us].append(part)
    runs_by_instance: dict[str, list[HourRun]] = defaultdict(list)
    for hour in hours:
        # Readings of a torn hour that are not kept any more leave the hour itself to tell.
        runs_by_instance[hour.instance_id] += parts_by_hour.get((hour.instance_id, hour.hour_us), [hour])
    known_by_instance: dict[str, list[Gap]] = defaultdict(list)
    for gap in known:
        known_by_instance[gap.instance_id].append(gap)
    for instance_id, runs in runs_by_instance.items():
        yield from _changed(sorted(runs, key=lambda run: run.start_us), known_by_instance[instance_id])


def gaps_between(runs: Sequence[HourRun]) -> Iterator[Gap]:
    """The gaps between an instance's runs, which are in order of time."""
    for before, after in pairwise(runs):
        missing = after.first_sequence - before.last_sequence - 1
        if before.last_sequence >= 0 and missing > 0 and after.start_us > before.end_us:
            yield Gap(before.instance_id, before.end_us, after.start_us, before.owner, missing)


def _changed(runs: Sequence[HourRun], known: Sequence[Gap]) -> Iterator[Gap]:
    now = {(gap.owner.account_id, gap.start_us): gap for gap in gaps_between(runs)}
    unread = {run.hour_us for run in runs if run.is_torn}
    stored = {
        (gap.owner.account_id, gap.start_us): gap
        for gap in known
        if runs[0].start_us <= gap.start_us < runs[-1].end_us and start_of(gap.start_us, HOUR_US) not in unread
    }
    for key, gap in stored.items():
        if key not in now:
            yield Gap(gap.instance_id, gap.start_us, gap.start_us, gap.owner, 0)
    yield from (gap for key, gap in now.items() if stored.get(key) != gap)
