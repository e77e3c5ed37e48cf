"""Which boot of the machine this is: the first part of every generation."""

import subprocess
import sys
from pathlib import Path

LINUX_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """A name that changes with every boot and with nothing else."""
    if sys.platform == "darwin":
        asked = subprocess.run(["sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, check=True, text=True)
        return asked.stdout.strip().lower()
    return LINUX_BOOT_ID.read_text().strip()
