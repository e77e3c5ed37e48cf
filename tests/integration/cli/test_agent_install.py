"""`fogbank agent install`: systemd takes the unit and finds it hardened; a machine without systemd hears so."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fogbank.cli.agent_install import Machine, install_unit
from fogbank.cli.agent_unit import UNIT_NAME, PathNotPlain, agent_unit
from fogbank.cli.failures import Refused

ANALYZE = shutil.which("systemd-analyze")
EXPOSURE_MAX = 3.0
"""Of 10. What is left is that it reads other users' processes, which is what it is for."""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """One whose systemctl writes down what it was told."""
    told = tmp_path / "systemctl"
    told.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/told\n')
    told.chmod(0o755)
    return Machine(tmp_path, is_booted=True, is_root=True, systemctl=str(told))


def test_the_unit_is_written_and_started_and_again_is_the_same(machine: Machine, tmp_path: Path) -> None:
    for _ in range(2):
        path = install_unit(machine, "[Unit]\n", starts=True)
    assert path == tmp_path / UNIT_NAME
    assert path.read_text() == "[Unit]\n"
    assert path.stat().st_mode & 0o777 == 0o644
    once = ["daemon-reload", f"enable {UNIT_NAME}", f"restart {UNIT_NAME}"]
    assert (tmp_path / "told").read_text().splitlines() == once * 2


def test_without_start_it_only_becomes_known(machine: Machine, tmp_path: Path) -> None:
    install_unit(machine, "[Unit]\n", starts=False)
    assert (tmp_path / "told").read_text().splitlines() == ["daemon-reload"]


@pytest.mark.parametrize(
    ("is_booted", "is_root", "says"), [(False, True, "systemd does not manage"), (True, False, "Only root may")]
)
def test_where_it_cannot_be_a_sentence_says_why(tmp_path: Path, is_booted: bool, is_root: bool, says: str) -> None:
    with pytest.raises(Refused, match=says):
        install_unit(Machine(tmp_path, is_booted=is_booted, is_root=is_root, systemctl="/bin/true"), "", starts=True)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_systemctl_is_quoted(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "systemctl").write_text("#!/bin/sh\necho 'Access denied' >&2; exit 4\n")
    with pytest.raises(Refused, match="daemon-reload` failed: Access denied"):
        install_unit(machine, "", starts=True)


@pytest.mark.parametrize("path", ["relative/fogbank", "/opt/fog bank", "/opt/$HOME", "/opt/100%"])
def test_a_path_that_systemd_would_read_otherwise_is_refused(path: str) -> None:
    with pytest.raises(PathNotPlain):
        agent_unit(Path(path), Path("/var/lib/fogbank"))


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit_and_finds_it_hardened(tmp_path: Path) -> None:
    unit = tmp_path / UNIT_NAME
    unit.write_text(agent_unit(Path("/bin/true"), Path("/var/lib")))
    verified = subprocess.run([str(ANALYZE), "verify", unit], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    command = [str(ANALYZE), "security", "--offline=true", "--no-pager", str(unit)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    exposure = re.search(r"Overall exposure level.*: ([\d.]+)", judged.stdout)
    assert exposure is not None, judged.stderr
    assert float(exposure[1]) <= EXPOSURE_MAX
