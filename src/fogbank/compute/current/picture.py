"""The current picture: of each instance the latest reading, and how many readings came in lately. In memory only.

The queue is its store: it is rebuilt from the last message of every node, and forgotten at stop.
"""

from collections import Counter as Tally
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator

from msgspec import Struct

from fogbank.events.reading import MessageEvents
from fogbank.events.usage_event import Metrics
from fogbank.kernel.ids import payer_of
from fogbank.kernel.meters import Meter
from fogbank.kernel.quantities import metric_micros

FORGET_US = 86_400 * 1_000_000
"""An instance that was silent for a day is no part of the current picture."""
STALE_INTERVALS = 3


class Latest(Struct, frozen=True, gc=False):
    """The latest reading of an instance, with its period's bounds in microseconds since the Unix epoch."""

    instance_id: str
    user_id: str
    org_id: str | None
    metrics: Metrics
    start_us: int
    end_us: int
    node_id: str = ""
    """The node that said so."""

    @property
    def payer(self) -> str:
        return payer_of(self.user_id, self.org_id)

    def fresh_until_us(self, interval_us: int) -> int:
        """Until when three readings are not yet overdue. A node that reports more slowly has more time."""
        return self.end_us + STALE_INTERVALS * max(interval_us, self.end_us - self.start_us)

    def is_stale(self, now_us: int, interval_us: int) -> bool:
        """Whether nobody knows what holds now."""
        return now_us > self.fresh_until_us(interval_us)

    def rates_micros(self) -> dict[Meter, int]:
        """How fast each meter runs, in micro-units per second, rounded half to even."""
        metrics, length_us = self.metrics, self.end_us - self.start_us
        counted = {
            Meter.CPU_SECONDS: metrics.cpu_seconds,
            Meter.GPU_SECONDS: metrics.gpu_seconds,
            Meter.NETWORK_EGRESS_MB: metrics.network_egress_mb,
            Meter.NETWORK_INGRESS_MB: metrics.network_ingress_mb,
        }
        return {
            **{meter: round(metric_micros(value) * 1_000_000 / length_us) for meter, value in counted.items()},
            # A gauge held for a second is that many gauge-seconds, and an instance lives one second a second.
            Meter.MEMORY_GB_SECONDS: metric_micros(metrics.memory_gb),
            Meter.STORAGE_GB_SECONDS: metric_micros(metrics.storage_gb),
            Meter.INSTANCE_SECONDS: 1_000_000,
        }


def latest_of(events: MessageEvents, places: range, node_id: str) -> list[Latest]:
    """The valid events at these places, of whom they are billed to, as the picture keeps what a node said."""
    fields = events.fields
    return [
        Latest(
            fields.instance_ids[place],
            fields.user_ids[place],
            fields.org_ids[place],
            events.valid[place].metrics,
            fields.starts_us[place],
            fields.ends_us[place],
            node_id,
        )
        for place in places
    ]


class Picture:
    """Of each instance the reading whose period ends last, found by instance, by user and by organisation."""

    def __init__(self) -> None:
        self._latest: dict[str, Latest] = {}
        self._of_user: defaultdict[str, set[str]] = defaultdict(set)
        self._of_organization: defaultdict[str, set[str]] = defaultdict(set)
        self._change = 0
        self._changed: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._latest)

    def see(self, reading: Latest) -> None:
        """Take a reading, unless a later one is known: the order in which they come does not matter."""
        known = self._latest.get(reading.instance_id)
        if known is not None and known.end_us >= reading.end_us:
            return
        if known is None or (known.user_id, known.org_id) != (reading.user_id, reading.org_id):
            self._forget(known)
            self._of_user[reading.user_id].add(reading.instance_id)
            if reading.org_id is not None:
                self._of_organization[reading.org_id].add(reading.instance_id)
        self._latest[reading.instance_id] = reading
        self._note_change(reading)

    def change_of(self, owner: str) -> int:
        """A number that grows with each change of what this user or organisation has; 0 where that is nothing."""
        return self._changed.get(owner, 0)

    def forget_old(self, now_us: int) -> None:
        """Forget every instance that has been silent for a day."""
        for reading in [each for each in self._latest.values() if each.end_us < now_us - FORGET_US]:
            self._forget(reading)

    def instance(self, instance_id: str) -> Latest | None:
        return self._latest.get(instance_id)

    def readings(self) -> list[Latest]:
        """The latest reading of every instance, in no order."""
        return list(self._latest.values())

    def of_user(self, user_id: str) -> list[Latest]:
        """The user's instances, whoever pays for them, by id."""
        return [self._latest[identifier] for identifier in sorted(self._of_user.get(user_id, ()))]

    def of_organization(self, org_id: str) -> list[Latest]:
        """The organisation's instances, by id."""
        return [self._latest[identifier] for identifier in sorted(self._of_organization.get(org_id, ()))]

    def _forget(self, reading: Latest | None) -> None:
        if reading is None:
            return
        del self._latest[reading.instance_id]
        self._note_change(reading)
        self._discard(self._of_user, reading.user_id, reading.instance_id)
        if reading.org_id is not None:
            self._discard(self._of_organization, reading.org_id, reading.instance_id)

    def _note_change(self, reading: Latest) -> None:
        self._change += 1
        self._changed[reading.user_id] = self._change
        if reading.org_id is not None:
            self._changed[reading.org_id] = self._change

    def _discard(self, index: defaultdict[str, set[str]], owner: str, instance_id: str) -> None:
        index[owner].discard(instance_id)
        if not index[owner]:
            del index[owner]
            self._changed.pop(owner, None)


class Arrivals:
    """How many readings arrived in each of the last seconds, by payer."""

    WINDOW_SECONDS = 60
    """Two ticks of the usual grid, so that the figure does not jump with each."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, Tally[str]]] = deque()

    def add(self, payers: Iterable[str], second: int) -> None:
        """Readings of these payers arrived at `second`, in seconds since the Unix epoch."""
        if not self._seconds or self._seconds[-1][0] < second:
            self._seconds.append((second, Tally()))
        self._seconds[-1][1].update(payers)

    def per_second(self, now_second: int, payers: frozenset[str] | None) -> float:
        """Readings per second of these payers, or of all for None, averaged over the window."""
        while self._seconds and self._seconds[0][0] <= now_second - self.WINDOW_SECONDS:
            self._seconds.popleft()
        return sum(self._counts(payers)) / self.WINDOW_SECONDS

    def _counts(self, payers: frozenset[str] | None) -> Iterator[int]:
        for _, arrived in self._seconds:
            yield arrived.total() if payers is None else sum(arrived[payer] for payer in payers)
