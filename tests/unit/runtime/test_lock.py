"""One process holds a data directory, and what it tells of itself is only believed while it does."""

import os
from pathlib import Path

import pytest

from fogbank.runtime.supervisor.lock import AlreadyRunning, held, is_held
from fogbank.runtime.supervisor.run_file import RunFile, run_file_path, running_system, write_run_file

RUN = RunFile("https://a", "http://a", "http://b", "postgresql://c", "nats://d", "services", {"postgres": 1})


def test_a_second_holder_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    refusal = f"already running in {tmp_path} by process {os.getpid()}"
    with held(tmp_path), pytest.raises(AlreadyRunning, match=refusal), held(tmp_path):
        pass
    with held(tmp_path):
        assert is_held(tmp_path)
    assert not is_held(tmp_path)


def test_the_run_file_is_private_and_only_believed_while_its_writer_lives(tmp_path: Path) -> None:
    with held(tmp_path):
        write_run_file(tmp_path, RUN)
        assert running_system(tmp_path) == RUN
        assert run_file_path(tmp_path).stat().st_mode & 0o777 == 0o600
    assert running_system(tmp_path) is None


def test_a_directory_in_which_nothing_ever_ran_has_no_running_system(tmp_path: Path) -> None:
    assert running_system(tmp_path) is None
