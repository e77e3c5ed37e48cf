"""Commands reach the system of this machine directly, and tell people the URL that leads to it from outside."""

from pathlib import Path

from fogbank.cli.options import settings_of_running
from fogbank.runtime.supervisor.lock import held
from fogbank.runtime.supervisor.run_file import RunFile, write_run_file


def test_the_public_url_is_told_and_not_asked(tmp_path: Path) -> None:
    run = RunFile("https://bank.example", "http://127.0.0.1:8080", "http://127.0.0.1:1", "", "", "", {})
    with held(tmp_path):
        write_run_file(tmp_path, run)
        settings = settings_of_running(tmp_path)[0].settings
    assert settings.services.url == "http://127.0.0.1:8080"
    assert settings.public_url == "https://bank.example"
