"""Where a container's data is: the layer that it writes to, and its volumes where they are counted as its own."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from fogbank.compute.agent.collectors.containers.layers import root_mount_in, writable_layers
from fogbank.compute.agent.collectors.containers.model import Facts
from fogbank.compute.agent.collectors.networks import PROC


class Storage:
    """`volume_roots` are the directories below which a volume belongs to the container that it is bound into."""

    def __init__(self, volume_roots: Sequence[str], proc: Path = PROC) -> None:
        self._volume_roots = tuple(root.rstrip("/") + "/" for root in volume_roots)
        self._proc = proc
        self._hosts_root = root_mount_in((proc / "self" / "mountinfo").read_text())

    def paths_of(self, facts: Facts, processes: Iterable[str]) -> tuple[str, ...]:
        """The trees that hold its data, as the first of `processes` that still lives sees it.

        `ValueError` where no process lives yet, or where it cannot be told what is the container's own.
        """
        for process in processes:
            try:
                mountinfo = (self._proc / process / "mountinfo").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            layers = writable_layers(root_mount_in(mountinfo), self._hosts_root, facts)
            return layers + tuple(path for path in map(os.path.normpath, facts.volumes) if self._is_counted(path))
        raise ValueError("no process lives in it")

    def _is_counted(self, volume: str) -> bool:
        return f"{volume}/".startswith(self._volume_roots)
