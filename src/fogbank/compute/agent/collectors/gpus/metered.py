"""GPU time beside whatever else is measured: for each device that an instance holds, the time that passes meanwhile.

`gpu_seconds` is devices held × time elapsed, whether they are busy or not: nobody else can have them. How busy they are
is said in the log at level debug; the usage event has no field for it.
"""

from collections.abc import Sequence

import msgspec
import structlog

from fogbank.compute.agent.collectors import Collector, CollectorFailed
from fogbank.compute.agent.collectors.gpus.holdings import Held, Holdings
from fogbank.compute.agent.collectors.gpus.model import Gpu, NoSuchGpu
from fogbank.compute.agent.collectors.gpus.nvml import Nvml, NvmlFailed
from fogbank.compute.agent.model import Counter, Instance, Reading
from fogbank.runtime.clock import MonotonicClock, monotonic_seconds

_log = structlog.get_logger(__name__)


class WithGpus:
    """A collector whose readings count GPU time too.

    A device is counted from the look at which it was first seen with the instance; with an instance that was born since
    the look before, from its birth, where that is known. What was held while no agent ran is on nobody's bill. A look
    at which nobody can tell what an instance holds is no reading of it, and the next one covers its time.
    """

    def __init__(
        self,
        collector: Collector,
        holdings: Sequence[Holdings],
        nvml: Nvml,
        boot_id: str,
        monotonic: MonotonicClock = monotonic_seconds,
    ) -> None:
        self._collector = collector
        self._holdings = holdings
        self._nvml = nvml
        self._boot_id = boot_id
        self._monotonic = monotonic
        self._seen: Sequence[Gpu] | NvmlFailed = ()
        self._now_us: int | None = None
        self._before_us: int | None = None
        self._since_us: dict[str, dict[str, int]] = {}

    def discover(self) -> Sequence[Instance]:
        instances = self._collector.discover()
        self._before_us, self._now_us = self._now_us, round(self._monotonic() * 1e6)
        self._seen = self._looked()
        present = {instance.id for instance in instances}
        self._since_us = {identifier: held for identifier, held in self._since_us.items() if identifier in present}
        return instances

    def sample(self, instance: Instance) -> Reading:
        reading = self._collector.sample(instance)
        try:
            held = self._held_by(instance)
        except (NoSuchGpu, NvmlFailed, OSError) as error:
            raise CollectorFailed(f"the GPUs of '{instance.id}' cannot be told: {error}") from error
        return msgspec.structs.replace(
            reading, counts={**reading.counts, Counter.GPU_US: self._counted(instance, held)}
        )

    def close(self) -> None:
        self._collector.close()
        self._nvml.close()

    def _held_by(self, instance: Instance) -> Held:
        """By the first that knows of any: what the settings assign need not be found out."""
        for holdings in self._holdings:
            held = holdings.held_by(instance, self._see)
            if held.devices:
                return held
        return Held()

    def _looked(self) -> Sequence[Gpu] | NvmlFailed:
        try:
            gpus = self._nvml.look()
        except NvmlFailed as failure:
            return failure
        _log.debug("gpus_busy", percent={gpu.uuid: gpu.busy_percent for gpu in gpus})
        return gpus

    def _see(self) -> Sequence[Gpu]:
        if isinstance(self._seen, NvmlFailed):
            raise self._seen
        return self._seen

    def _counted(self, instance: Instance, held: Held) -> dict[str, int]:
        """By generation, one for each time that a device is held: for how long it has been."""
        assert self._now_us is not None, "an instance is sampled after it was discovered"
        known = self._since_us.get(instance.id, {})
        first_us = self._first_us(held.since_us)
        since_us = {device: known.get(device, first_us) for device in held.devices}
        self._since_us[instance.id] = since_us
        return {f"{self._boot_id}/{device}/{since}": self._now_us - since for device, since in since_us.items()}

    def _first_us(self, born_us: int | None) -> int:
        """From when a device counts that was not held at the look before."""
        assert self._now_us is not None
        is_newborn = born_us is not None and self._before_us is not None and self._before_us <= born_us <= self._now_us
        return born_us if is_newborn and born_us is not None else self._now_us
