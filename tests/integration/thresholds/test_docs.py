"""docs/thresholds.md says what happens: each of its requests is sent, in order, and answered as it is written there."""

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.integration.thresholds.conftest import CALLERS, World
from typer.testing import CliRunner

from fogbank.cli.commands.thresholds import app
from fogbank.compute.thresholds.rules.units import ABSOLUTE

DOCUMENT = (Path(__file__).parents[3] / "docs" / "thresholds.md").read_text()
CONSOLE = "".join(re.findall(r"```console\n(.*?)```", DOCUMENT, re.DOTALL))
COMMANDS = [part.strip() for part in re.split(r"^\$ ", CONSOLE, flags=re.MULTILINE)]


async def test_the_requests_of_the_document_are_answered_as_it_says(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CALLERS, "$KEY", replace(CALLERS["bob"], id="user_123456"))
    requests = [part.removeprefix("curl ") for part in COMMANDS if part.startswith("curl ")]
    assert len(requests) == 6
    for request in requests:
        command, _, answer = request.rpartition("\n")
        status, _, document = answer.partition(" ")
        assert await _answer(world, shlex.split(command)) == (int(status), _decoded(document))


def test_every_unit_is_documented() -> None:
    table = DOCUMENT.partition("## What can be limited")[2].partition("## Whom")[0]
    for resource, units in ABSOLUTE.items():
        assert f"`{resource}`" in table
        for unit in units:
            assert f"`{unit}`" in table, unit


def test_every_command_of_the_document_exists() -> None:
    commands = [shlex.split(part)[2] for part in COMMANDS if part.startswith("fogbank ")]
    assert commands == ["set", "list", "states", "remove"]
    for command in commands:
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


async def _answer(world: World, words: list[str]) -> tuple[int, Any]:
    url = next(word for word in words if word.startswith("$FOGBANK"))
    headers = dict(words[place + 1].split(": ", 1) for place, word in enumerate(words) if word == "-H")
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    body = words[words.index("--data") + 1] if "--data" in words else None
    answer = await world.http.request(method, url.removeprefix("$FOGBANK"), content=body, headers=headers)
    document = _decoded(answer.text)
    if isinstance(document, dict) and "instance" in document:
        document["instance"] = "…"
    return answer.status_code, document


def _decoded(text: str) -> Any:
    return msgspec.json.decode(text) if text else None
