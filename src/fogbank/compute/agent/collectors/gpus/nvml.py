"""NVIDIA's management library, as far as it tells which GPUs are here and how busy they are.

A GPU that died can hang every call into the driver, so each look has a deadline.
"""

import importlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fogbank.compute.agent.collectors import ExtraMissing
from fogbank.compute.agent.collectors.deadlines import NotAnswered, Patience
from fogbank.compute.agent.collectors.gpus.model import Gpu

ANSWER_SECONDS_MAX = 2.0
UNANSWERED_MAX = 1


class NvmlFailed(Exception):
    """The GPUs cannot be seen; the text says why."""


class Nvml:
    """The library, opened at the first look and opened anew after a look failed, as after a driver's update."""

    def __init__(self, answer_seconds_max: float = ANSWER_SECONDS_MAX) -> None:
        """`ExtraMissing` where the extra is not installed."""
        try:
            self._library: Any = importlib.import_module("pynvml")
        except ImportError as error:
            raise ExtraMissing("GPUs", "nvidia") from error
        self._patience: Patience[Sequence[Gpu]] = Patience(answer_seconds_max, UNANSWERED_MAX)
        self._is_open = False

    def look(self) -> Sequence[Gpu]:
        """All GPUs, in the order of their indexes; `NvmlFailed` where any of them cannot be seen."""
        try:
            return self._patience.answer_to(self._seen)
        except NotAnswered as silent:
            raise NvmlFailed(f"NVIDIA's driver does not answer: {silent}") from silent
        except self._library.NVMLError as error:
            self.close()
            raise NvmlFailed(f"NVIDIA's driver fails: {error}") from error

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            try:
                self._library.nvmlShutdown()
            except self._library.NVMLError:
                # What is broken already cannot be closed, and need not be.
                return

    def _seen(self) -> Sequence[Gpu]:
        library = self._library
        if not self._is_open:
            library.nvmlInit()
            self._is_open = True
        handles = [library.nvmlDeviceGetHandleByIndex(index) for index in range(library.nvmlDeviceGetCount())]
        return [
            Gpu(
                library.nvmlDeviceGetUUID(handle),
                self._told(library.nvmlDeviceGetMinorNumber, handle),
                self._told(lambda of: library.nvmlDeviceGetUtilizationRates(of).gpu, handle),
                tuple(self._parts(handle)),
            )
            for handle in handles
        ]

    def _told(self, ask: Callable[[Any], int], handle: Any) -> int | None:
        """What not every GPU and driver can tell. Nothing is billed by it alone."""
        try:
            return ask(handle)
        except self._library.NVMLError:
            return None

    def _parts(self, handle: Any) -> Iterator[str]:
        library = self._library
        try:
            is_parted = library.nvmlDeviceGetMigMode(handle)[0] == library.NVML_DEVICE_MIG_ENABLE
        except library.NVMLError_NotSupported:
            return
        for index in range(library.nvmlDeviceGetMaxMigDeviceCount(handle) if is_parted else 0):
            try:
                yield library.nvmlDeviceGetUUID(library.nvmlDeviceGetMigDeviceHandleByIndex(handle, index))
            except library.NVMLError_NotFound:
                continue
