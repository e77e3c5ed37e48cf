"""Fleets: many plausible instances, and what they use at any time.

A fleet is a pure function of its numbers and its seed: the same tick gives the same bytes again, so a run that broke
off is simply played once more.
"""

import random
import zlib
from collections.abc import Iterator, Sequence

from fogbank.events.batch import Batch
from fogbank.simulate.encode import Encoder, Numbering, on_the_grid
from fogbank.simulate.model import Kind, SimulatedInstance
from fogbank.simulate.rhythm import Rhythm

KINDS = {
    Kind.WEB: 34,
    Kind.DATABASE: 14,
    Kind.WORKER: 18,
    Kind.NIGHTLY: 8,
    Kind.DESKTOP: 8,
    Kind.IDLE: 15,
    Kind.GPU: 3,
}
"""How many of a hundred instances are of each kind."""
VCPUS = (1, 1, 1, 2, 2, 2, 4, 4, 8, 16)
GB_PER_VCPU = (1, 2, 2, 4, 4, 8)
STORAGE_GB = (10, 20, 20, 40, 40, 80, 160, 320, 640)
USERS_PER_ORGANIZATION = 4
PERSONAL_SHARE = 0.03
"""The share of instances that people run for themselves, outside any organisation."""


class Population:
    """A fixed list of instances, played by their rhythm."""

    def __init__(self, instances: Sequence[SimulatedInstance], seed: int, numbering: Numbering = on_the_grid) -> None:
        self.instances = sorted(instances, key=lambda one: (one.node_id, one.instance_id))
        self._rhythm = Rhythm(self.instances, seed)
        self._encoder = Encoder(self.instances, numbering)

    def tick(self, period_start_us: int, period_seconds: int) -> Iterator[Batch]:
        """The readings of the period from `period_start_us`, in one batch per node of up to 1,000 events each."""
        readings = self._rhythm.at(period_start_us, period_seconds)
        return self._encoder.batches(period_start_us, period_seconds, readings)


class Fleet(Population):
    """A synthetic fleet of `instances` over `nodes`, owned by `organizations`."""

    def __init__(self, instances: int, nodes: int, organizations: int, seed: int) -> None:
        if min(instances, nodes, organizations) < 1:
            raise ValueError("a fleet has at least one instance, one node and one organisation")
        super().__init__(synthetic_instances(instances, nodes, organizations, seed), seed)


def synthetic_instances(instances: int, nodes: int, organizations: int, seed: int) -> list[SimulatedInstance]:
    """Instances spread over nodes evenly, and over organisations unevenly: a few own many, as in life."""
    dice = random.Random(seed)  # noqa: S311 - a simulation wants to be repeatable, not secret
    # Fleets of another shape or seed share no id: they would contradict each other about the same readings.
    name = f"{zlib.crc32(repr((instances, nodes, organizations, seed)).encode()):08x}"
    kinds = dice.choices(list(KINDS), weights=list(KINDS.values()), k=instances)
    return [
        _instance(dice, name, index, kind, node=index % nodes, organizations=organizations)
        for index, kind in enumerate(kinds)
    ]


def _instance(
    dice: random.Random, name: str, index: int, kind: Kind, *, node: int, organizations: int
) -> SimulatedInstance:
    organization = int(organizations * dice.random() ** 2)
    user = dice.randrange(USERS_PER_ORGANIZATION)
    vcpus = dice.choice(VCPUS)
    return SimulatedInstance(
        instance_id=f"instance_{name}_{index:06d}",
        user_id=f"user_{name}_{organization * USERS_PER_ORGANIZATION + user:06d}",
        org_id=None if dice.random() < PERSONAL_SHARE else f"org_{name}_{organization:05d}",
        node_id=f"node_{name}_{node:04d}",
        kind=kind,
        vcpus=vcpus,
        memory_gb=min(vcpus * dice.choice(GB_PER_VCPU), 128),
        storage_gb=dice.choice(STORAGE_GB),
        gpus=dice.choice((1, 1, 2, 4)) if kind is Kind.GPU else 0,
        peak_hour=dice.gauss(14, 3) if kind is not Kind.NIGHTLY else dice.uniform(0, 5),
    )
