"""Domains of libvirt. One question a round is asked for all of them, and what the host knows itself is read there.

CPU is `cpu.time`: what the host spent on the domain, the emulation of its devices included. Memory is what the domain
is given, less what its balloon has taken back. How much of it is busy, the guest says through its balloon, where the
domain has `<stats period='…'/>`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.collectors.deadlines import NotAnswered, Patience
from fogbank.compute.agent.collectors.links import Links, Passed
from fogbank.compute.agent.collectors.machines.asking import Libvirt, LibvirtFailed, Told
from fogbank.compute.agent.collectors.machines.domains import (
    Description,
    Figures,
    FiguresMissing,
    balloon_of,
    cpu_us_of,
    traffic_of,
    volume_bytes_of,
)
from fogbank.compute.agent.collectors.machines.images import stored_bytes
from fogbank.compute.agent.collectors.machines.memory import Memory, memory_of
from fogbank.compute.agent.collectors.machines.processes import GuestProcess, processes_by_uuid
from fogbank.compute.agent.model import Counter, Instance, Reading

ANSWER_SECONDS_MAX = 2.0
UNANSWERED_MAX = 8
DESCRIBED_AGAIN = 50
"""How many domains a round describes again, those described longest ago first: owners and devices change."""


@dataclass(slots=True)
class _Life:
    """One life of a domain: from its start to its end it keeps its libvirt id and its process."""

    domain_id: int
    description: Description
    process: GuestProcess | None

    @property
    def name(self) -> str:
        """A name that no other life has until the machine boots again, or libvirt begins anew where no process is."""
        return f"domain {self.domain_id}" if self.process is None else self.process.life

    def close(self) -> None:
        if self.process is not None:
            self.process.close()


class LibvirtCollector:
    """Measures the domains that run under a libvirt. It only reads."""

    def __init__(
        self, libvirt: Libvirt, boot_id: str, links: Links, *, answer_seconds_max: float = ANSWER_SECONDS_MAX
    ) -> None:
        self._libvirt = libvirt
        self._boot_id = boot_id
        self._links = links
        self._patience: Patience[Told] = Patience(answer_seconds_max, UNANSWERED_MAX)
        self._lives: dict[str, _Life] = {}
        self._figures: dict[str, tuple[_Life, Figures]] = {}
        self._passed: Mapping[int, Passed] = {}

    def discover(self) -> Sequence[Instance]:
        told = self._told()
        try:
            self._passed = self._links.read()
        except OSError as error:
            raise CollectorFailed(f"the domains' network counters cannot be read: {error}") from error
        self._bury(told)
        self._meet(told)
        instances: dict[str, Instance] = {}
        self._figures = {}
        for uuid, life in self._lives.items():
            instance = life.description.instance
            if instance.id in instances:
                # A domain that was copied with its metadata is another instance.
                instance = Instance(uuid, instance.user_id, instance.org_id)
            instances[instance.id] = instance
            self._figures[instance.id] = (life, told.figures[uuid][1])
        return list(instances.values())

    def sample(self, instance: Instance) -> Reading:
        life, figures = self._figures[instance.id]
        try:
            return self._reading(life, figures)
        except (OSError, FiguresMissing) as error:
            raise CollectorFailed(f"the domain '{instance.id}' cannot be read: {error}") from error

    def process_of(self, instance: Instance) -> GuestProcess | None:
        """The process of a domain that runs, where it was found."""
        known = self._figures.get(instance.id)
        return known[0].process if known else None

    def close(self) -> None:
        for life in self._lives.values():
            life.close()
        self._lives.clear()
        self._links.close()

    def _told(self) -> Told:
        """What libvirt tells, asked twice: it answers the second time without the guest that holds up the first."""
        try:
            try:
                return self._answer()
            except NotAnswered:
                return self._answer()
        except (NotAnswered, LibvirtFailed) as error:
            raise CollectorFailed(f"libvirt at {self._libvirt.uri} cannot be asked: {error}") from error

    def _answer(self) -> Told:
        """One question. It is asked aside, with copies of its own: its answer may come when nobody waits for it."""
        known = {uuid: life.domain_id for uuid, life in self._lives.items()}
        again = frozenset(list(self._lives)[:DESCRIBED_AGAIN])
        needs = [life.description for life in self._lives.values()]
        return self._patience.answer_to(lambda: self._libvirt.tell(known, again, needs))

    def _bury(self, told: Told) -> None:
        """Forget the lives that ended, those of domains that began anew among them."""
        for uuid, life in list(self._lives.items()):
            if uuid not in told.figures or told.figures[uuid][0] != life.domain_id:
                self._lives.pop(uuid).close()

    def _meet(self, told: Told) -> None:
        """Take in the descriptions; the domains just described go to the end of the queue to be described again."""
        born = told.descriptions.keys() - self._lives.keys()
        processes = processes_by_uuid(born) if born else {}
        for uuid, description in told.descriptions.items():
            life = self._lives.pop(uuid, None) or _Life(told.figures[uuid][0], description, processes.get(uuid))
            life.description = description
            self._lives[uuid] = life

    def _reading(self, life: _Life, figures: Figures) -> Reading:
        memory = _memory(life, figures)
        traffic = dict(self._traffic(life, figures))
        described = life.description
        return Reading(
            counts={
                Counter.CPU_US: {f"{self._boot_id}/{life.name}": cpu_us_of(figures)},
                Counter.EGRESS_BYTES: {generation: egress for generation, (egress, _) in traffic.items()},
                Counter.INGRESS_BYTES: {generation: ingress for generation, (_, ingress) in traffic.items()},
            },
            cores=described.cores,
            memory_bytes=memory.held,
            memory_capacity_bytes=memory.held,
            storage_bytes=sum(stored_bytes(path) for path in described.paths)
            + sum(volume_bytes_of(figures, target) for target in described.volumes),
            memory_busy_bytes=memory.busy,
        )

    def _traffic(self, life: _Life, figures: Figures) -> Iterator[tuple[str, tuple[int, int]]]:
        """Bytes out of and into the guest, by generation."""
        described = life.description
        for name in (*described.taps, *described.macvtaps):
            index = self._links.index_of(name)
            if (passed := self._passed.get(index)) is not None:
                host_sees = (passed.received_bytes, passed.sent_bytes)
                yield f"{self._boot_id}/{index}", host_sees if name in described.taps else host_sees[::-1]
        for name in described.others:
            yield f"{self._boot_id}/{life.name}/{name}", traffic_of(figures, name)


def _memory(life: _Life, figures: Figures) -> Memory:
    balloon = balloon_of(figures)
    resident = balloon.resident if life.process is None else life.process.resident_bytes()
    return memory_of(
        configured=balloon.configured,
        left_by_balloon=balloon.left,
        # Where nobody knows what is resident, the balloon is believed.
        resident=balloon.left if resident is None else resident,
        used_inside=balloon.used,
    )
