"""The fields of many events as lists: what is done to many at once is done to lists."""

import string
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from fogbank.events.usage_event import UsageEvent, WireTime, check_times, instant_us

ID_BYTES = (string.ascii_letters + string.digits + "_.:-").encode()


@dataclass(frozen=True)
class Fields:
    """The fields of some events, each in the events' order."""

    instance_ids: list[str]
    user_ids: list[str]
    org_ids: list[str | None]
    node_ids: list[str | None]
    timestamps: list[WireTime]
    starts: list[WireTime]
    ends: list[WireTime]

    @classmethod
    def of(cls, events: Sequence[UsageEvent]) -> "Fields":
        periods = [event.period for event in events]
        return cls(
            [event.instance_id for event in events],
            [event.user_id for event in events],
            [event.org_id for event in events],
            [event.node_id for event in events],
            [event.timestamp for event in events],
            [period.start for period in periods],
            [period.end for period in periods],
        )

    def at(self, places: Sequence[int]) -> "Fields":
        """Those of the events at these places among them."""
        return Fields(*([its[place] for place in places] for its in self._lists()))

    def billed_to(self, owners: Mapping[int, tuple[str, str | None]]) -> "Fields":
        """The same, the user and organisation of the events at some places replaced."""
        user_ids, org_ids = self.user_ids.copy(), self.org_ids.copy()
        for place, (user_id, org_id) in owners.items():
            user_ids[place], org_ids[place] = user_id, org_id
        return replace(self, user_ids=user_ids, org_ids=org_ids)

    def _lists(self) -> Iterator[list[Any]]:
        return (getattr(self, field.name) for field in fields(self))

    def are_valid(self, now_us: int) -> bool:
        """Whether `usage_event.check` finds nothing wrong with any of the events, by a look at each distinct value.

        May say no to events that are right, never yes to one that is wrong.
        """
        named = {text for text in {*self.user_ids, *self.org_ids, *self.node_ids} if text is not None}
        return are_ids(self.instance_ids) and are_ids(named) and self._are_times_valid(now_us)

    @cached_property
    def are_of_one_tick(self) -> bool:
        """Whether all times of all events are the same, as those of one tick of one node are."""
        return all(map(_are_equal, (self.timestamps, self.starts, self.ends)))

    @cached_property
    def starts_us(self) -> list[int]:
        """Where the valid events' periods start, in microseconds since the epoch."""
        return self._instants_us(self.starts)

    @cached_property
    def ends_us(self) -> list[int]:
        """Where they end."""
        return self._instants_us(self.ends)

    @property
    def distinct_starts_us(self) -> set[int]:
        """The starts, each once."""
        return set(map(_valid_us, self.starts[:1] if self.are_of_one_tick else self.starts))

    def _instants_us(self, times: list[WireTime]) -> list[int]:
        if times and self.are_of_one_tick:
            return [_valid_us(times[0])] * len(times)
        return list(map(_valid_us, times))

    def _are_times_valid(self, now_us: int) -> bool:
        distinct: Iterable[tuple[WireTime, WireTime, WireTime]] = zip(
            self.timestamps, self.starts, self.ends, strict=True
        )
        if self.are_of_one_tick:
            distinct = list(distinct)[:1]
        return all(check_times(*its, now_us) is None for its in set(distinct))


def _are_equal(values: Sequence[WireTime]) -> bool:
    return not values or values.count(values[0]) == len(values)


def _valid_us(time: WireTime) -> int:
    microseconds = instant_us(time)
    assert microseconds is not None, "the event is valid"
    return microseconds


def are_ids(texts: Collection[str]) -> bool:
    """Whether each can be an id (`kernel.ids.is_id`), none being too long, by one look at all their bytes."""
    try:
        left_over = "\n".join(texts).encode("ascii").translate(None, ID_BYTES)
    except UnicodeEncodeError:
        return False
    # Nothing but what joined them is left over, and none was empty.
    return left_over == b"\n" * (len(texts) - 1) and all(texts)
