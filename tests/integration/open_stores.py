"""Which embedded stores this process has open: it can have one, so whoever leaves it open fails others, elsewhere."""

from pathlib import Path

FILES = Path("/proc/self/fd")
LOCKED = "status"
"""The file in its directory that the embedded engine holds while it is open."""


def open_stores() -> set[Path]:
    """The directories of embedded stores that this process has open."""
    found = set()
    for file in FILES.iterdir():
        try:
            target = file.readlink()
        except FileNotFoundError:  # closed since it was listed
            continue
        if target.name == LOCKED and not target.is_relative_to("/proc"):
            found.add(target.parent)
    return found
