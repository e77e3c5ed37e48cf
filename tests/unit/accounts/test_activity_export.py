"""An exported log proves itself: it reads back as it was, and whatever is changed, left out or cut is found."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.activity import exporting
from fogbank.accounts.activity.chain import Walk, entry_hash
from fogbank.accounts.activity.errors import ReasonNeeded
from fogbank.accounts.activity.exporting import Head
from fogbank.accounts.activity.model import Entry
from fogbank.accounts.activity.reasons import reason_for
from fogbank.accounts.activity.verifying import NotAnExport, Verified, verified
from fogbank.accounts.ledger.chain import GENESIS
from fogbank.runtime.auth import Caller, CallerKind
from fogbank.runtime.csv_text import cell_text, safe_cell

AT = datetime(2026, 11, 25, 12, 0, 0, 123456, UTC)
FIRST = Entry(
    number=1,
    format=2,
    at=AT,
    id="act_1",
    actor_id="user_1",
    actor_kind="user",
    action="session.opened",
    subject="session:s1",
    account_id="user_1",
    reason="",
    before=None,
    after='{"method": "password"}',
    address="192.0.2.1",
    agent="curl/8",
    credential_id="",
    request_id="r1",
    previous_hash=GENESIS,
    hash=b"",
)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


@st.composite
def chains(draw: st.DrawFn) -> list[Entry]:
    chain: list[Entry] = []
    formats = sorted(draw(st.lists(st.sampled_from([1, 2]), min_size=1, max_size=6)))
    for number, format_ in enumerate(formats, start=1):
        before = draw(st.none() | words.map(json.dumps))
        said: dict[str, Any] = {name: draw(words) for name in ("actor_id", "action", "subject", "reason")}
        if format_ != 1:
            said |= {name: draw(words) for name in ("account_id", "address", "agent", "request_id")}
        else:
            said |= dict.fromkeys(("account_id", "address", "agent", "request_id", "actor_kind"), "")
        previous = chain[-1].hash if chain else GENESIS
        facts: dict[str, Any] = {"number": number, "format": format_, "before": before, "previous_hash": previous}
        entry = replace(FIRST, **facts, **said)
        chain.append(replace(entry, hash=entry_hash(entry)))
    return chain


def head_of(chain: list[Entry]) -> Head:
    return Head(len(chain), chain[-1].number, chain[-1].hash.hex())


def as_json(chain: list[Entry]) -> list[str]:
    text = exporting.json_lines(chain) + exporting.json_head(head_of(chain))
    return io.StringIO(text.decode(), newline="\n").readlines()


def as_csv(chain: list[Entry]) -> list[str]:
    text = exporting.csv_columns() + exporting.csv_lines(chain) + exporting.csv_head(head_of(chain))
    return io.StringIO(text.decode(), newline="").readlines()


@given(chains())
def test_what_is_exported_reads_back_and_proves_itself_in_both_formats(chain: list[Entry]) -> None:
    for lines in (as_json(chain), as_csv(chain)):
        found = verified(lines)
        assert (found.broken, found.entries, found.is_whole, found.is_complete) == ([], len(chain), True, True)
        assert found.hash == chain[-1].hash


@given(chains(), st.data())
def test_one_letter_that_is_changed_is_found(chain: list[Entry], data: st.DataObject) -> None:
    changed = data.draw(st.sampled_from(chain))
    field = data.draw(st.sampled_from(["actor_id", "action", "subject", "reason"]))
    wrong = [replace(each, **{field: getattr(each, field) + "x"}) if each is changed else each for each in chain]
    assert verified(as_json(wrong)).broken
    walk = Walk()
    walk.over(wrong)
    assert walk.broken


@given(chains())
def test_an_entry_that_is_left_out_makes_it_no_whole_log(chain: list[Entry]) -> None:
    for left_out in chain[:-1]:
        rest = [each for each in chain if each is not left_out]
        found = verified(as_json(rest))
        assert not found.is_whole
        assert found.broken == []  # what is there is as it was written


def test_an_entry_of_another_chain_does_not_follow() -> None:
    first = replace(FIRST, hash=entry_hash(FIRST))
    foreign = replace(FIRST, number=2, id="act_2", previous_hash=b"\x01" * 32)
    foreign = replace(foreign, hash=entry_hash(foreign))
    assert verified(as_json([first, foreign])).broken == ["entry 2 does not name the hash of the entry before it"]


def test_a_file_that_was_cut_is_not_complete() -> None:
    entry = replace(FIRST, hash=entry_hash(FIRST))
    found = verified(as_json([entry])[:-1])
    assert not found.is_complete
    assert found.broken


def test_entries_in_an_older_format_cannot_follow_newer_ones() -> None:
    first = replace(FIRST, hash=entry_hash(FIRST))
    second = replace(FIRST, number=2, format=1, previous_hash=first.hash)
    walk = Walk()
    walk.over([first, replace(second, hash=entry_hash(second))])
    assert walk.broken == ["entry 2 is in format 1, after one in 2"]


@pytest.mark.parametrize("text", ["", "hello", "{}", '{"number": 1}', "number,format\n1,2"])
def test_what_is_no_export_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NotAnExport):
        verified([text])


@given(words)
def test_no_cell_is_a_formula_and_each_is_found_again(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell_text(cell) == text
    assert next(csv.reader(io.StringIO(exporting.csv_lines([replace(FIRST, reason=text)]).decode(), newline="")))


def test_an_entry_is_hashed_as_the_documents_say_byte_by_byte() -> None:
    line = (
        '["2",1,1795608000123456,"act_1","user_1","user","session.opened","session:s1","user_1","",null,'
        '"{\\"method\\": \\"password\\"}","192.0.2.1","curl/8","","r1","' + "00" * 32 + '"]'
    )
    assert entry_hash(FIRST) == sha256(line.encode()).digest()
    older = (
        '[1,1795608000123456,"act_1","user_1","session.opened","session:s1","",null,'
        '"{\\"method\\": \\"password\\"}","' + "00" * 32 + '"]'
    )
    assert entry_hash(replace(FIRST, format=1)) == sha256(older.encode()).digest()


def test_an_empty_log_is_whole() -> None:
    found = Verified()
    found.end(Head(0, 0, GENESIS.hex()))
    assert found.broken == []


ADMINISTRATOR = Caller("user_1", CallerKind.USER, {"org_1": "owner"}, is_administrator=True)


def test_an_administrator_says_why_outside_of_their_own_accounts_and_only_there() -> None:
    for concerned in ([], ["org_2"], ["user_1", "user_2"]):
        with pytest.raises(ReasonNeeded):
            reason_for(ADMINISTRATOR, concerned, "  ")
        assert reason_for(ADMINISTRATOR, concerned, " asked by phone ") == "asked by phone"
    assert reason_for(ADMINISTRATOR, ["org_1", "user_1"], "") == ""
    assert reason_for(replace(ADMINISTRATOR, is_administrator=False), ["org_2"], "") == ""
    assert reason_for(Caller("billing", CallerKind.SERVICE), ["org_2"], "") == ""
