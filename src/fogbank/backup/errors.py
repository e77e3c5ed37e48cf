"""What backup and restore refuse, as facts. Each text is the sentence for the person who asked."""

from pathlib import Path


class BackupFailed(Exception):
    """A backup or a restore that cannot be done; nothing half-done is left where it would have been."""


class ArchiveDamaged(BackupFailed):
    """A file that is no whole backup of ours, or one in which a byte differs from when it was written."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} cannot be restored: {what}. Nothing was written; take another backup.")


class NoRoom(BackupFailed):
    """The disk runs low: better no backup than a full disk under a running system."""

    def __init__(self, where: Path, needed: str) -> None:
        super().__init__(f"The disk of {where} has no room: {needed}. Nothing was left there; name another place.")
