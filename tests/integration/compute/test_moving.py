"""Counters that move from one instance to another: nobody is billed for what is on another's bill."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from fogbank.compute.agent.metering import Metering
from fogbank.compute.agent.model import Counter, Instance, Owner, Reading, Tick
from fogbank.compute.agent.spool import Spool

SECOND = 1_000_000
NOON = 1_800_000_000 * SECOND
BEFORE = 10**12
"""What everything had counted before the agent came."""
COUNTERS = (Counter.CPU_US, Counter.EGRESS_BYTES)
INSTANCES = "abc"


@dataclass
class Host:
    """Sources that count, each an instance's or nobody's. An instance is there while it has one."""

    values: dict[str, int] = field(default_factory=lambda: dict.fromkeys(INSTANCES, BEFORE))
    holders: dict[str, str | None] = field(default_factory=lambda: {each: each for each in INSTANCES})

    def discover(self) -> Sequence[Instance]:
        return [Instance(each, "user_1") for each in INSTANCES if each in self.holders.values()]

    def sample(self, instance: Instance) -> Reading:
        own = {source: self.values[source] for source, holder in self.holders.items() if holder == instance.id}
        return Reading(dict.fromkeys(COUNTERS, own), 1, 10**9, 8 * 10**9, 0)

    def close(self) -> None:
        pass


@dataclass
class Node:
    """An agent over a spool, and what it has billed."""

    host: Host
    spool: Spool
    owners: dict[str, Owner | None] = field(default_factory=dict)
    now: int = 0
    billed: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.restart()

    def owner_of(self, instance: Instance) -> Owner | None:
        return self.owners.get(instance.id, Owner("user_1"))

    def restart(self) -> None:
        self.metering = Metering("node-1", [self.host], self.spool, self.owner_of)
        self.metering.begin(self._next_tick())

    def tick(self) -> list[str]:
        """What was said to have moved."""
        done = self.metering.tick(self._next_tick())
        for event in done.events:
            cpu_us, egress = round(event.metrics.cpu_seconds * 1e6), round(event.metrics.network_egress_mb * 1e6)
            assert cpu_us == egress
            self.billed.setdefault(event.instance_id, []).append(cpu_us)
        return done.moved

    def total(self) -> int:
        return sum(map(sum, self.billed.values()))

    def _next_tick(self) -> Tick:
        self.now += 30 * SECOND
        return Tick(NOON + self.now, "boot-1", self.now)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("grow"), st.sampled_from(INSTANCES), st.integers(1, 1000)),
        st.tuples(st.just("move"), st.sampled_from(INSTANCES), st.sampled_from([*INSTANCES, None])),
        st.tuples(st.just("born"), st.sampled_from(INSTANCES), st.integers(0, 1000)),
        st.tuples(st.sampled_from(["tick", "tick", "restart"]), st.none(), st.none()),
    ),
    max_size=30,
)


@settings(max_examples=100, deadline=None)
@given(steps)
def test_no_moves_bill_more_than_the_counters_grew_by(history: list[tuple[str, str, int | str | None]]) -> None:
    host, grown = Host(), 0
    with tempfile.TemporaryDirectory() as directory, Spool.open(Path(directory) / "s.db", "node-1", NOON) as spool:
        node = Node(host, spool)
        for number, (what, which, value) in enumerate([*history, ("tick", "", None)]):
            if what == "grow" and isinstance(value, int):
                host.values[which] += value
                grown += value
            elif what == "move" and not isinstance(value, int):
                host.holders[which] = value
            elif what == "born" and isinstance(value, int):
                host.values[f"new-{number}"], host.holders[f"new-{number}"] = value, which
                grown += value
            elif what == "tick":
                node.tick()
            elif what == "restart":
                node.restart()
            assert node.total() <= grown


def test_all_that_a_counter_grows_by_is_billed_while_it_moves(tmp_path: Path) -> None:
    host = Host(holders={"a": "a", "b": "b"})
    with Spool.open(tmp_path / "s.db", "node-1", NOON) as spool:
        node = Node(host, spool)
        for holder in ("b", "a", "b", "b", "a"):
            host.holders["a"] = holder
            host.values["a"] += 10
            node.tick()
        assert node.total() == 50
        assert node.billed == {"b": [10, 0, 10, 10, 0], "a": [10, 10]}


def test_a_shared_network_that_is_anothers_after_a_restart_is_not_billed_again(tmp_path: Path) -> None:
    host = Host(holders={"a": "a", "b": "b"})
    with Spool.open(tmp_path / "s.db", "node-1", NOON) as spool:
        node = Node(host, spool)
        host.values["a"] += 7
        node.tick()
        host.holders["a"] = "b"
        node.restart()
        host.values["a"] += 3
        assert node.tick() == ["b cpu_us a of a", "b egress_bytes a of a"]
        assert node.tick() == []
    assert node.billed == {"a": [7], "b": [0, 3, 0]}


def test_a_guest_that_is_given_another_instance_id_goes_on_under_that(tmp_path: Path) -> None:
    host = Host(holders={"a": "a"})
    with Spool.open(tmp_path / "s.db", "node-1", NOON) as spool:
        node = Node(host, spool)
        host.holders["a"] = "c"
        host.values["a"] += 5
        node.tick()
    assert node.billed == {"c": [5]}


def test_what_two_instances_have_at_once_is_billed_once(tmp_path: Path) -> None:
    class Doubled(Host):
        def sample(self, instance: Instance) -> Reading:
            return super().sample(msgspec.structs.replace(instance, id="a"))

    host = Doubled(holders={"a": "a", "b": "b"})
    with Spool.open(tmp_path / "s.db", "node-1", NOON) as spool:
        node = Node(host, spool)
        for _ in range(3):
            host.values["a"] += 4
            node.tick()
    assert node.total() == 12


def test_what_was_counted_for_nobody_is_on_nobodys_bill_when_it_moves(tmp_path: Path) -> None:
    host = Host(holders={"a": "a", "b": "b"})
    with Spool.open(tmp_path / "s.db", "node-1", NOON) as spool:
        node = Node(host, spool, owners={"a": None})
        host.values["a"] += 100
        node.tick()
        host.holders["a"] = "b"
        host.values["a"] += 1
        node.tick()
    assert node.billed == {"b": [0, 1]}
