"""Casting: the story's machines as instances of the simulator, once accounts has said who everybody is."""

from collections.abc import Iterator
from dataclasses import dataclass

from fogbank.simulate.demo.model import Customer, Machines
from fogbank.simulate.demo.story import NODES
from fogbank.simulate.model import SimulatedInstance

US_PER_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A customer as accounts knows them. `org_id` is None for somebody who rents for themselves."""

    customer: Customer
    user_ids: tuple[str, ...]
    org_id: str | None


@dataclass(frozen=True, slots=True)
class NamedInstance:
    """An instance, and what its people call it."""

    name: str
    instance: SimulatedInstance


def cast(enrolled: Enrolled, begins_us: int) -> Iterator[NamedInstance]:
    """The instances of one customer, in a story that begins at `begins_us`; its people own them in turn."""
    number = 0
    for machines in enrolled.customer.machines:
        for name in names_of(machines):
            yield NamedInstance(name, _instance(enrolled, machines, name, number, begins_us))
            number += 1


def names_of(machines: Machines) -> list[str]:
    """`db` alone, or `web-1` to `web-3`."""
    if machines.count == 1:
        return [machines.name]
    return [f"{machines.name}-{number}" for number in range(1, machines.count + 1)]


def _instance(enrolled: Enrolled, machines: Machines, name: str, number: int, begins_us: int) -> SimulatedInstance:
    until_day = machines.until_day
    return SimulatedInstance(
        instance_id=f"instance_{enrolled.customer.slug}_{name}",
        user_id=enrolled.user_ids[number % len(enrolled.user_ids)],
        org_id=enrolled.org_id,
        node_id=f"node_demo_{number % NODES + 1}",
        kind=machines.kind,
        vcpus=machines.vcpus,
        memory_gb=machines.memory_gb,
        storage_gb=machines.storage_gb,
        gpus=machines.gpus,
        peak_hour=enrolled.customer.peak_hour,
        starts_us=begins_us + int(machines.from_day * US_PER_DAY),
        ends_us=2**63 - 1 if until_day is None else begins_us + int(until_day * US_PER_DAY),
    )
