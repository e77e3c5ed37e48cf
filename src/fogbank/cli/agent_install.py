"""Makes the agent a service of this machine, under systemd."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fogbank.cli.agent_unit import UNIT_NAME, PathNotPlain, agent_unit
from fogbank.cli.failures import Refused
from fogbank.cli.terminal import MISUSED

UNITS = Path("/etc/systemd/system")
RUNS_SYSTEMD = Path("/run/systemd/system")
"""There while systemd manages the machine, as sd_booted(3) says."""
READABLE = 0o644


@dataclass(frozen=True, slots=True)
class Machine:
    """Where units go, and what tells systemd; `is_booted` is whether systemd manages the machine."""

    units: Path
    is_booted: bool
    is_root: bool
    systemctl: str | None

    @classmethod
    def this(cls) -> "Machine":
        return cls(UNITS, RUNS_SYSTEMD.is_dir(), os.geteuid() == 0, shutil.which("systemctl"))


def rendered_unit(data: Path) -> str:
    """The unit for this program and its files in `data`; `Refused` where a path cannot be in one."""
    try:
        return agent_unit(Path(sys.prefix) / "bin" / "fogbank", data)
    except PathNotPlain as wrong:
        raise Refused(f"{str(wrong)[0].upper()}{str(wrong)[1:]}.", MISUSED) from None


def install_unit(machine: Machine, unit: str, *, starts: bool) -> Path:
    """Write the unit, and start it now and at every boot where `starts`. Safe to repeat: it is written anew.

    `Refused` where systemd does not run here, or the caller may not.
    """
    if not machine.is_booted or machine.systemctl is None:
        raise Refused(
            "systemd does not manage this machine; let your supervisor run `fogbank agent`, "
            "or see the unit with `fogbank agent install --print`."
        )
    if not machine.is_root:
        raise Refused("Only root may add a service; run `sudo fogbank agent install`.")
    path = machine.units / UNIT_NAME
    written = path.with_suffix(".new")
    written.write_text(unit)
    written.chmod(READABLE)
    written.replace(path)
    _tell(machine.systemctl, "daemon-reload")
    if starts:
        _tell(machine.systemctl, "enable", UNIT_NAME)
        _tell(machine.systemctl, "restart", UNIT_NAME)
    return path


def _tell(systemctl: str, *words: str) -> None:
    done = subprocess.run([systemctl, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise Refused(f"`systemctl {' '.join(words)}` failed: {said[0]}")
