"""The commands of load and audit: misuse is one sentence and exit code 2, nothing running one and exit code 1."""

import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

Fogbank = Callable[..., Awaitable[tuple[int | None, str, str]]]
TRACE = "vm,0,5\nalpha,57,24\nbeta,100,0\n"


@pytest.mark.parametrize("command", ["simulate", "audit"])
async def test_where_nothing_runs_it_says_so(command: str, fogbank: Fogbank) -> None:
    code, out, said = await fogbank(command)
    assert (code, out) == (1, "")
    assert "Nothing runs in" in said


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--hours", "1", "--events", "5"), "--hours or --events"),
        (("--hours", "0"), "--hours is 0"),
        (("--hours", "nan"), "--hours is nan"),
        (("--from", "yesterday"), "--from is 'yesterday'"),
        (("--from", "2100-01-01"), "Only the past"),
        (("--instances", "0"), "--instances"),
        (("--trace", "nowhere.csv"), "--trace"),
    ],
)
async def test_what_cannot_be_played_is_named_before_anything_starts(
    options: tuple[str, ...], named: str, fogbank: Fogbank
) -> None:
    code, out, said = await fogbank("simulate", *options)
    assert (code, out) == (2, "")
    assert named in said


async def test_a_file_that_is_no_trace_is_named_with_its_line(fogbank: Fogbank, tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.write_text("vm,0,5\nalpha,57\n")
    code, _, said = await fogbank("simulate", "--trace", str(path))
    assert code == 2
    assert "line 2" in said


async def test_a_demo_never_mixes_with_what_is_there(fogbank: Fogbank, data_dir: Path) -> None:
    (data_dir / "mine").touch()
    code, _, said = await fogbank("demo")
    assert code == 1
    assert "is not empty" in said


async def test_a_trace_and_a_fleet_are_sent_stored_and_audited(
    running_up: Callable[[], AbstractAsyncContextManager[None]], fogbank: Fogbank, tmp_path: Path
) -> None:
    path = tmp_path / "trace.csv"
    path.write_text(TRACE)
    async with running_up():
        _, traced, _ = await fogbank("simulate", "--trace", str(path), "--hours", "2", "--json")
        _, fleet, _ = await fogbank("simulate", "--instances", "30", "--events", "100", "--json")
        code, audit, said = await fogbank("audit", "--json")
    assert json.loads(traced)["events"] == 2 * 240
    assert json.loads(fleet)["events"] == 120
    document = json.loads(audit)
    assert (code, document["ok"]) == (0, True), said
    accepted = next(check for check in document["checks"] if check["name"] == "events accepted = stored")
    assert (accepted["left"], accepted["right"]) == ("600", "600")
