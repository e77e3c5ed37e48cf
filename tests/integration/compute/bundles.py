"""Bundles that runc and containerd can start: the host's programs, read-only, in a root filesystem of their own."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.integration.compute.kernel import Namespace
from tests.tools import lacks, needs_tool

PROGRAMS = ("/usr", "/bin", "/lib", "/lib64")
WAIT_FOR_EVER = ("/bin/sleep", "infinity")
WHAT_A_CONTAINER_MAY = ("CAP_DAC_OVERRIDE", "CAP_KILL")


def write_bundle(
    bundle: Path,
    annotations: Mapping[str, str],
    *,
    cgroup: str,
    namespace: Namespace | None = None,
    volumes: Mapping[Path, str] | None = None,
) -> None:
    """Write `config.json` and the directories of the root filesystem. `volumes` are from host's path to container's."""
    root = bundle / "rootfs"
    for name in ("proc", "dev", "tmp", *(path.strip("/") for path in PROGRAMS)):
        (root / name).mkdir(parents=True, exist_ok=True)
    binds = [_bind(path, path, "ro") for path in PROGRAMS if Path(path).exists()]
    binds += [_bind(str(path), inside, "rw") for path, inside in (volumes or {}).items()]
    spaces: list[dict[str, str]] = [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")]
    if namespace is not None:
        spaces.append({"type": "network", "path": f"/run/netns/{namespace.name}"})
    capabilities = {key: list(WHAT_A_CONTAINER_MAY) for key in ("bounding", "effective", "permitted")}
    specification: dict[str, Any] = {
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": 0, "gid": 0},
            "args": list(WAIT_FOR_EVER),
            "env": ["PATH=/usr/bin:/bin"],
            "cwd": "/",
            "capabilities": capabilities,
        },
        "root": {"path": str(root), "readonly": False},
        "annotations": dict(annotations),
        "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}, *binds],
        "linux": {"cgroupsPath": cgroup, "namespaces": spaces},
    }
    (bundle / "config.json").write_text(json.dumps(specification))


@contextmanager
def overlay_at(directory: Path) -> Iterator[Path]:
    """Mount an overlay over a directory, which is its lower layer: the upper one."""
    upper, work = directory.parent / "upper", directory.parent / "work"
    for each in (upper, work):
        each.mkdir()
    options = f"lowerdir={directory},upperdir={upper},workdir={work}"
    done = subprocess.run([needs_tool("mount"), "-t", "overlay", "overlay", "-o", options, str(directory)], check=False)
    if done.returncode != 0:
        lacks("an overlay cannot be mounted here")
    try:
        yield upper
    finally:
        subprocess.run([needs_tool("umount"), str(directory)], check=True)


def _bind(source: str, destination: str, access: str) -> dict[str, Any]:
    return {"destination": destination, "type": "bind", "source": source, "options": ["rbind", access]}
