"""Rotation's promises: nothing sealed is lost, everything ends under the new key, and the old one then goes."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from fogbank.runtime.database import Database
from fogbank.runtime.entropy import system_entropy
from fogbank.runtime.http.idempotency import Keeping
from fogbank.runtime.http.idempotency.model import Answer
from fogbank.runtime.resealing import Resealing
from fogbank.runtime.resealing.columns import SEALED_COLUMNS
from fogbank.runtime.sealing import (
    FILE_NAME,
    OLDER_FILE_NAME,
    KeyUnknown,
    SealingKey,
    SealingKeys,
    drop_unused,
    new_keys,
    rotate,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SEALED = "SELECT table_schema || '.' || table_name FROM information_schema.columns WHERE column_name = 'sealed'"


def ids_in(secrets: Path) -> list[str]:
    return [key.id for key in msgspec.json.decode((secrets / FILE_NAME).read_text(), type=list[SealingKey])]


def moving(instants: list[datetime]) -> Callable[[], datetime]:
    return lambda: instants[-1]


async def test_every_sealed_column_of_the_database_is_listed(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("RESET ROLE")  # the catalogue shows columns to those who may use them
        found = {table for (table,) in await (await connection.execute(SEALED)).fetchall()}
        await connection.execute("SET ROLE fogbank_system")
    assert found == {column.table for column in SEALED_COLUMNS}


async def test_after_a_rotation_everything_is_under_the_new_key_and_the_old_one_goes_an_hour_later(
    database: Database, tmp_path: Path
) -> None:
    instants = [NOON]
    keeping = Keeping(database, SealingKeys.of(tmp_path, system_entropy), moving(instants), system_entropy)
    resealing = Resealing(database, tmp_path, moving(instants), system_entropy)
    async with database.connection() as connection:
        await connection.execute("DELETE FROM http.idempotency")
    answers = {bytes([number]) * 32: Answer(201, [], b"secret %d" % number) for number in range(40)}
    for id_, answer in answers.items():
        await keeping.keep(keeping.new_record(id_, "user_1", "digest"), "digest", answer)
    old = ids_in(tmp_path)[0]
    new = rotate(tmp_path, system_entropy, NOON)
    assert ids_in(tmp_path) == [new, old]
    done = await resealing.reseal()
    assert done.sealed_anew >= len(answers)
    assert done.dropped_keys == []
    for id_, answer in answers.items():
        found = await keeping.find(id_, "digest")
        assert found is not None
        assert (found.answer, found.record.key_id) == (answer, new)
    instants.append(NOON + timedelta(hours=2))
    again = await resealing.reseal()
    assert (again.sealed_anew, again.dropped_keys) == (0, [old])
    assert ids_in(tmp_path) == [new]


async def test_what_nobody_can_open_is_left_and_counted_and_keeps_no_other_from_being_sealed(
    database: Database, tmp_path: Path
) -> None:
    keeping = Keeping(database, SealingKeys.of(tmp_path, system_entropy), moving([NOON]), system_entropy)
    other = Keeping(database, SealingKeys.of(tmp_path / "lost", system_entropy), moving([NOON]), system_entropy)
    async with database.connection() as connection:
        await connection.execute("DELETE FROM http.idempotency")
    for number, keeper in enumerate((keeping, other, keeping)):
        id_ = bytes([100 + number]) * 32
        await keeper.keep(keeper.new_record(id_, "", "digest"), "digest", Answer(200, [], b""))
    rotate(tmp_path, system_entropy, NOON)
    done = await Resealing(database, tmp_path, moving([NOON]), system_entropy).reseal()
    async with database.connection() as connection:
        await connection.execute("DELETE FROM http.idempotency")
    assert done.unreadable >= 1
    assert done.sealed_anew >= 2


def test_a_process_that_runs_seals_with_the_new_key_at_once_and_opens_what_others_sealed(tmp_path: Path) -> None:
    running = SealingKeys.of(tmp_path, system_entropy)
    before = running.seal("totp:user_1", "seed")
    new = rotate(tmp_path, system_entropy, NOON)
    elsewhere = SealingKeys.of(tmp_path, system_entropy).seal("totp:user_1", "other seed")
    assert running.open("totp:user_1", *elsewhere) == "other seed"
    assert running.open("totp:user_1", *before) == "seed"
    assert running.seal("totp:user_1", "seed")[0] == new


def test_a_key_that_something_needs_is_never_dropped(tmp_path: Path) -> None:
    old, sealed = SealingKeys.of(tmp_path, system_entropy).seal("a", "b")
    rotate(tmp_path, system_entropy, NOON)
    assert drop_unused(tmp_path, {old}, NOON + timedelta(days=9)) == []
    assert drop_unused(tmp_path, set(), NOON + timedelta(minutes=59)) == []
    assert drop_unused(tmp_path, set(), NOON + timedelta(minutes=60)) == [old]
    with pytest.raises(KeyUnknown):
        SealingKeys.of(tmp_path, system_entropy).open("a", old, sealed)


def test_keys_of_the_older_file_are_taken_over_whichever_files_there_are(tmp_path: Path) -> None:
    (tmp_path / OLDER_FILE_NAME).write_text(new_keys(system_entropy))
    taken = SealingKeys.of(tmp_path, system_entropy)
    assert not (tmp_path / OLDER_FILE_NAME).exists()
    key_id, sealed = taken.seal("webhook_1", "whsec_abc")
    (tmp_path / FILE_NAME).rename(tmp_path / OLDER_FILE_NAME)
    (tmp_path / FILE_NAME).write_text(new_keys(system_entropy))
    both = SealingKeys.of(tmp_path, system_entropy)
    assert both.open("webhook_1", key_id, sealed) == "whsec_abc"
    assert both.seal("webhook_1", "x")[0] != key_id


async def test_rotations_at_once_lose_no_key(tmp_path: Path) -> None:
    first = SealingKeys.of(tmp_path, system_entropy).present_id
    made = await asyncio.gather(*(asyncio.to_thread(rotate, tmp_path, system_entropy, NOON) for _ in range(8)))
    assert set(ids_in(tmp_path)) == {first, *made}
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
