"""Bare QEMU guests, by their monitors: what QEMU says they are given, and what the host says they take.

CPU is the time of the whole QEMU process on the host, not of its vCPU threads alone: a guest that makes the host
emulate its disks and network costs that too, the threads that do it come and go, and the same guest in a cgroup or
under libvirt is billed the same. What the guest itself believes of its CPU is never asked.

Memory is what the guest is given, less what its balloon has taken back: nobody else can have it, used or not. How much
of it is busy, the guest says through its balloon, if it has been told to (`guest-stats-polling-interval`).
"""

import glob
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from fogbank.compute.agent.collectors import CollectorFailed
from fogbank.compute.agent.collectors.links import Links, Passed
from fogbank.compute.agent.collectors.machines.guest import (
    EVERY_LOOK,
    WHERE_DEVICES_ARE,
    Guest,
    Image,
    balloon_of,
    guest_of,
    guest_statistics,
)
from fogbank.compute.agent.collectors.machines.memory import memory_of
from fogbank.compute.agent.collectors.machines.processes import GuestProcess
from fogbank.compute.agent.collectors.machines.qmp import Monitor, QmpFailed, answers_of
from fogbank.compute.agent.collectors.machines.targets import QemuTarget
from fogbank.compute.agent.model import Counter, Instance, Reading
from fogbank.kernel.ids import is_id

ANSWER_SECONDS_MAX = 1.0
"""How long a round waits for the guests, all of them together: those that answer do so within milliseconds."""


@dataclass(slots=True)
class _Watched:
    """A guest, as long as its monitor and its process are open. `balloon` is None where it has none."""

    monitor: Monitor
    process: GuestProcess
    is_known: bool = False
    balloon: str | None = None

    def ask(self) -> None:
        if not self.is_known:
            self.monitor.ask([*EVERY_LOOK, *WHERE_DEVICES_ARE])
        else:
            self.monitor.ask([*EVERY_LOOK, *([guest_statistics(self.balloon)] if self.balloon else [])])

    def look(self) -> Guest:
        """What was answered. `QmpFailed` where the process that listens is not the one that runs the guest."""
        answers = self.monitor.answers
        if self.is_known:
            return guest_of(answers)
        guest = guest_of(answers[: len(EVERY_LOOK)])
        if not guest.threads <= self.process.threads():
            raise QmpFailed(f"process {self.process.id} opened its monitor and does not run it")
        self.balloon = balloon_of(answers[len(EVERY_LOOK) :])
        self.is_known = True
        return guest

    def close(self) -> None:
        self.monitor.close()
        self.process.close()


class QemuCollector:
    """Measures the guests behind QMP sockets, which should be the agent's own: QEMU serves one client a socket."""

    def __init__(self, targets: Sequence[QemuTarget], boot_id: str, links: Links) -> None:
        self._targets = targets
        self._boot_id = boot_id
        self._links = links
        self._watched: dict[str, _Watched] = {}
        self._seen: dict[str, Guest | QmpFailed] = {}
        self._passed: Mapping[int, Passed] = {}

    def discover(self) -> Sequence[Instance]:
        """Ask all guests at once. One that does not answer in time is an instance that cannot be sampled now."""
        try:
            self._passed = self._links.read()
        except OSError as error:
            raise CollectorFailed(f"the guests' network counters cannot be read: {error}") from error
        seen: dict[str, Guest | QmpFailed] = {}
        asked: dict[str, _Watched] = {}
        for identifier, path in self._sockets().items():
            try:
                asked[identifier] = self._asked(identifier, path)
            except (FileNotFoundError, ConnectionRefusedError, ProcessLookupError):
                # The socket outlived its QEMU.
                continue
            except (QmpFailed, OSError) as error:
                seen[identifier] = QmpFailed(str(error))
        failed = answers_of([each.monitor for each in asked.values()], ANSWER_SECONDS_MAX)
        for identifier, watched in asked.items():
            seen[identifier] = failed.get(watched.monitor) or _looked(watched)
        self._seen = seen
        for identifier in self._watched.keys() - asked.keys() | _failed(seen):
            self._forget(identifier)
        return [Instance(identifier) for identifier in seen]

    def sample(self, instance: Instance) -> Reading:
        guest = self._seen[instance.id]
        if isinstance(guest, QmpFailed):
            raise CollectorFailed(f"the guest '{instance.id}' cannot be read: {guest}")
        try:
            return self._reading(guest, self._watched[instance.id].process)
        except OSError as error:
            raise CollectorFailed(f"the process of the guest '{instance.id}' cannot be read: {error}") from error

    def process_of(self, instance: Instance) -> GuestProcess | None:
        """The process of one of the guests that answered in this round."""
        watched = self._watched.get(instance.id)
        return watched.process if watched else None

    def close(self) -> None:
        for identifier in list(self._watched):
            self._forget(identifier)
        self._links.close()

    def _sockets(self) -> dict[str, str]:
        """Where the monitor of each instance is."""
        found: dict[str, str] = {}
        for target in self._targets:
            for path in sorted(glob.glob(target.pattern)):  # noqa: PTH207 - the pattern may be absolute
                identifier = target.prefix + PurePath(path).stem
                if is_id(identifier):
                    found.setdefault(identifier, path)
        return found

    def _asked(self, identifier: str, path: str) -> _Watched:
        """The guest, having been asked. Where another QEMU has taken the place of the one known, that one."""
        watched = self._watched.get(identifier)
        if watched is not None:
            try:
                watched.ask()
            except QmpFailed:
                self._forget(identifier)
            else:
                return watched
        watched = self._watched[identifier] = _opened(path)
        watched.ask()
        return watched

    def _forget(self, identifier: str) -> None:
        if (watched := self._watched.pop(identifier, None)) is not None:
            watched.close()

    def _reading(self, guest: Guest, process: GuestProcess) -> Reading:
        traffic = list(self._traffic(process))
        memory = memory_of(
            configured=guest.configured_bytes,
            left_by_balloon=guest.left_by_balloon_bytes,
            resident=process.resident_bytes(),
            used_inside=guest.used_bytes,
        )
        return Reading(
            counts={
                Counter.CPU_US: {f"{self._boot_id}/{process.life}": process.cpu_us()},
                Counter.EGRESS_BYTES: {generation: egress for generation, egress, _ in traffic},
                Counter.INGRESS_BYTES: {generation: ingress for generation, _, ingress in traffic},
            },
            cores=guest.cores,
            memory_bytes=memory.held,
            memory_capacity_bytes=memory.held,
            storage_bytes=sum(_stored_bytes(image, process) for image in guest.images),
            memory_busy_bytes=memory.busy,
        )

    def _traffic(self, process: GuestProcess) -> Iterator[tuple[str, int, int]]:
        """Generation, bytes out of the guest and bytes into it."""
        held = process.held()
        if (held.taps or held.macvtaps) and not process.is_in_our_network:
            raise OSError(f"process {process.id} has its taps in another network namespace")
        for index in {self._links.index_of(name) for name in held.taps}:
            if (passed := self._passed.get(index)) is not None:
                yield f"{self._boot_id}/{index}", passed.received_bytes, passed.sent_bytes
        for index in held.macvtaps:
            # A tap is the host's end of a cable; a macvtap is the guest's own.
            if (passed := self._passed.get(index)) is not None:
                yield f"{self._boot_id}/{index}", passed.sent_bytes, passed.received_bytes


def _opened(path: str) -> _Watched:
    monitor = Monitor(path)
    try:
        return _Watched(monitor, GuestProcess(monitor.process))
    except (OSError, QmpFailed):
        monitor.close()
        raise


def _looked(watched: _Watched) -> Guest | QmpFailed:
    try:
        return watched.look()
    except (QmpFailed, OSError) as error:
        return QmpFailed(str(error))


def _failed(seen: Mapping[str, Guest | QmpFailed]) -> set[str]:
    return {identifier for identifier, each in seen.items() if isinstance(each, QmpFailed)}


def _stored_bytes(image: Image, process: GuestProcess) -> int:
    """What the image occupies. A device, or a volume that cannot tell, is occupied whole."""
    if image.allocated_bytes is None or (image.allocated_bytes == 0 and process.is_block_device(image.filename)):
        return image.size_bytes
    return image.allocated_bytes
