"""As whom PostgreSQL runs: it refuses root, so as root an unprivileged user takes its place."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from fogbank.runtime.failures import ServerFailed

PREFERRED = ("fogbank", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Owner:
    """The user that owns the database's files and runs its processes."""

    name: str
    uid: int
    gid: int


def owner_for(directory: Path) -> Owner | None:
    """Who must run a database in `directory`: None for ourselves, else another user, which takes root.

    A directory that exists keeps its owner, whichever users were added to the system since.
    """
    if os.geteuid() != 0:
        return None
    if directory.exists() and directory.stat().st_uid != 0:
        return _with_uid(directory.stat().st_uid, directory.stat().st_gid)
    for name in PREFERRED:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(name, user.pw_uid, user.pw_gid)
    raise ServerFailed(
        f"PostgreSQL cannot run as root, and none of the users {', '.join(PREFERRED)} exists; add a user 'fogbank'."
    )


def _with_uid(uid: int, gid: int) -> Owner:
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return Owner(name, uid, gid)
