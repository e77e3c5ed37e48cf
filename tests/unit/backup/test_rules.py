"""Who can restore what: a newer Fogbank can, an older one cannot, and another PostgreSQL cannot read the files."""

from dataclasses import replace

import pytest
from tests.unit.backup.test_archive import manifest_of

from fogbank.backup.model import FORMAT, Manifest
from fogbank.backup.rules import why_not

SCHEMAS = {"accounts": "0002", "ledger": "0001"}


def manifest(**changes: object) -> Manifest:
    return replace(manifest_of([]), schemas=SCHEMAS, fogbank="0.9.2", postgres="18.6.3", **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("version", ["0.9.2", "0.9.10", "0.10.0", "1.0", "0.9.2.dev3"])
def test_the_same_and_a_newer_fogbank_can(version: str) -> None:
    assert why_not(manifest(), version, "18.9", {**SCHEMAS, "accounts": "0007", "chain": "0001"}) is None


@pytest.mark.parametrize("version", ["0.9.1", "0.8.20", "0.9"])
def test_an_older_fogbank_cannot(version: str) -> None:
    assert "it was made by Fogbank 0.9.2" in str(why_not(manifest(), version, "18.6.3", SCHEMAS))


def test_a_format_that_is_not_known_yet_cannot_be_restored() -> None:
    assert why_not(manifest(format=FORMAT + 1), "0.9.2", "18.6.3", SCHEMAS) is not None


@pytest.mark.parametrize("known", [{"accounts": "0001", "ledger": "0001"}, {"accounts": "0002"}])
def test_migrations_that_are_not_known_cannot_be_restored(known: dict[str, str]) -> None:
    assert "newer than this Fogbank knows" in str(why_not(manifest(), "0.9.2", "18.6.3", known))


def test_another_postgresql_cannot_read_the_files() -> None:
    assert "PostgreSQL 18.6.3" in str(why_not(manifest(), "0.9.2", "19.1", SCHEMAS))
