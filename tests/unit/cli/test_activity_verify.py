"""`fogbank activity verify` believes a file only as far as its hashes go."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fogbank.accounts.activity.chain import entry_hash
from fogbank.accounts.activity.exporting import Head, csv_columns, csv_head, csv_lines, json_head, json_lines
from fogbank.accounts.activity.model import Entry
from fogbank.accounts.ledger.chain import GENESIS
from fogbank.cli.commands.activity_commands.verifying import verify_file
from fogbank.cli.failures import Refused

UNHASHED = Entry(
    number=1,
    format=2,
    at=datetime(2026, 11, 25, tzinfo=UTC),
    id="act_1",
    actor_id="user_1",
    actor_kind="user",
    action="session.opened",
    subject="session:1",
    account_id="user_1",
    reason="line one\nline two",
    before=None,
    after=None,
    address="192.0.2.1",
    agent="",
    credential_id="",
    request_id="",
    previous_hash=GENESIS,
    hash=b"",
)
ENTRY = replace(UNHASHED, hash=entry_hash(UNHASHED))
HEAD = Head(1, 1, ENTRY.hash.hex())
FILES = {
    "jsonl": json_lines([ENTRY]) + json_head(HEAD),
    "csv": csv_columns() + csv_lines([ENTRY]) + csv_head(HEAD),
}


@pytest.mark.parametrize("format_", FILES)
def test_a_file_as_it_was_exported_is_told_to_be_whole(
    format_: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "export"
    file.write_bytes(FILES[format_])
    verify_file(file=file)
    said = capsys.readouterr().out
    assert "1 entries are as they were written" in said
    assert ENTRY.hash.hex() in said


@pytest.mark.parametrize("format_", FILES)
def test_a_changed_file_is_told_and_the_command_fails(
    format_: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "export"
    file.write_bytes(FILES[format_].replace(b"user_1", b"user_2", 1))
    with pytest.raises(SystemExit) as ended:
        verify_file(file=file)
    assert ended.value.code == 1
    assert "entry 1 is not what was hashed" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"hello", b"\xff\xfe", b'{"head": 1}\n'])
def test_another_file_is_refused_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "export"
    file.write_bytes(content)
    with pytest.raises(Refused, match="cannot be verified"):
        verify_file(file=file)
