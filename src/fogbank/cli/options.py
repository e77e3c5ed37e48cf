"""Options that many commands share, and the settings that they and everything else add up to."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from fogbank.cli.failures import NothingRuns
from fogbank.runtime.queue_credentials import Credentials
from fogbank.runtime.settings_sources import Given, Loaded, data_directory, default_data_directory, load_settings
from fogbank.runtime.supervisor.run_file import RunFile, run_file_path, running_system
from fogbank.runtime.telemetry import LogFormat, configure_logs

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help=f"Where everything is kept. Default: FOGBANK_DATA, else {default_data_directory(os.environ)}.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]


def settings_of(options: dict[str, tuple[str, Any]], below: Mapping[str, Given] | None = None) -> Loaded:
    """The settings with what the command line says: setting's name -> (option, value); None is not said.

    `below` holds where neither it, nor the environment, nor the file says anything.
    """
    return load_settings(os.environ, options=_given(options), running=below)


def settings_of_running(data: Path | None) -> tuple[Loaded, RunFile]:
    """The settings, and where the system in the data directory answers; `NothingRuns` when none does."""
    options = _given({"data": ("--data", data)})
    directory = data_directory(os.environ, options)
    run = running_system(directory)
    if run is None:
        raise NothingRuns(directory)
    configure_logs(LogFormat.CONSOLE, "error")
    return load_settings(os.environ, options=options, running=_told_by(run, directory)), run


def _given(options: dict[str, tuple[str, Any]]) -> dict[str, Given]:
    said = {name: Given(value, option) for name, (option, value) in options.items() if value is not None}
    return {name: Given(str(g.value), g.source) if isinstance(g.value, Path) else g for name, g in said.items()}


def _told_by(run: RunFile, data: Path) -> dict[str, Given]:
    told = {
        "http.public_url": run.url,
        "services.url": run.services_url,
        "usage.url": run.usage_url,
        "postgres.url": run.postgres_url,
        "queue.url": run.queue_url,
        "queue.user": run.queue_user,
        "queue.password": _queue_password(data),
    }
    return {name: Given(value, str(run_file_path(data))) for name, value in told.items() if value}


def _queue_password(data: Path) -> str:
    path = data / "secrets" / "queue.json"
    return Credentials.decode(path.read_text()).services if path.exists() else ""
