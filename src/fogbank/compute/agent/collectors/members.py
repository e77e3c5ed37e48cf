"""Who lives in a cgroup: the processes in it, or where it only holds other cgroups, those in them."""

import os
from collections.abc import Iterator

from fogbank.compute.agent.collectors.kernel_files import text_of

PROCESSES = "cgroup.procs"
LINKS_OF_A_LEAF = 2
"""A directory without directories in it is linked from above and from itself."""


def processes_in(directory: str) -> Iterator[str]:
    """Their ids now, those of the cgroup itself first. Nothing is read before the first one is asked for."""
    with open(f"{directory}/{PROCESSES}", "rb", buffering=0) as listed:  # noqa: PTH123 - on the hot path
        yield from listed.read().decode("ascii").split()
    if os.stat(directory).st_nlink == LINKS_OF_A_LEAF:  # noqa: PTH116 - on the hot path
        return
    with os.scandir(directory) as entries:
        below = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    for each in below:
        yield from processes_in(each)


def is_inhabited(directory: str) -> bool:
    """Whether any process lives in it."""
    return bool(text_of(f"{directory}/{PROCESSES}")) or any(processes_in(directory))
