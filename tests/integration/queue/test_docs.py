"""docs/events.md says what happens: each of its commands is sent, and answered as it is written there."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest
from tests.integration.queue.conftest import CALLERS, DoorWorld

DOCUMENT = Path(__file__).parents[3] / "docs" / "events.md"
ANSWER = re.compile(r"(\d{3}) (\{.*\})")


@dataclass(frozen=True)
class Command:
    """A request as the document has it, and the answer that it shows."""

    headers: dict[str, str]
    body: str
    status: int
    answer: dict[str, object]


def commands() -> Iterator[Command]:
    """Every `curl` of the document that shows its answer."""
    blocks = re.findall(r"```console\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    for text in (part for block in blocks for part in block.split("$ curl ")[1:]):
        command, answer = text.rstrip().rsplit("\n", 1)
        words = shlex.split(command)
        shown = ANSWER.fullmatch(answer)
        assert shown is not None, answer
        headers = [words[place + 1].split(": ", 1) for place, word in enumerate(words) if word == "-H"]
        yield Command(
            {name.lower(): value for name, value in headers},
            words[words.index("--data-binary") + 1],
            int(shown[1]),
            msgspec.json.decode(shown[2], type=dict[str, object]),
        )


COMMANDS = list(commands())


def test_all_five_forms_are_shown() -> None:
    assert len(COMMANDS) == 6
    assert {each.status for each in COMMANDS} == {202, 207, 422}


@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
async def test_a_command_is_answered_as_the_document_says(
    door: DoorWorld, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CALLERS, "$KEY", replace(CALLERS["ann"], organizations={"org_789012": "member"}))
    answer = await door.http.post("/api/v1/events", content=command.body, headers=command.headers)
    assert answer.status_code == command.status
    got = answer.json()
    if "instance" in got:
        got["instance"] = "…"
    assert got == command.answer
