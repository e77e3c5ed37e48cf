"""The books forget old transfers a few at a time, and never one that may still be on its way to disk."""

from datetime import UTC, datetime

import pytest

from fogbank.accounts.ledger.chain import GENESIS
from fogbank.accounts.ledger.model import Head, Kind, Transfer
from fogbank.accounts.ledger.posting.books import FORGOTTEN_AT_ONCE, TRANSFERS_KEPT, Books
from fogbank.accounts.ledger.posting.writer import BATCH_OPERATIONS_MAX

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def transfer(number: int) -> Transfer:
    return Transfer(f"t{number}", Kind.DEDUCT, "org_a", 1, 0, -1, 0, 0, "", "")


@pytest.mark.parametrize("size", [1, 64, BATCH_OPERATIONS_MAX])
def test_the_latest_transfers_are_kept_and_hardly_more_are_forgotten_at_once_than_were_added(size: int) -> None:
    books, posted = Books(Head(0, 0, NOW, GENESIS), NOW), 0
    while posted < 3 * TRANSFERS_KEPT:
        books.transfers.update({each.id: each for each in map(transfer, range(posted, posted + size))})
        posted += size
        before = len(books.transfers)
        books.move_on(books.head)
        kept = list(books.transfers)
        assert (kept[0], kept[-1]) == (f"t{posted - len(kept)}", f"t{posted - 1}")
        assert min(posted, TRANSFERS_KEPT) <= len(kept) < TRANSFERS_KEPT + FORGOTTEN_AT_ONCE
        assert before - len(kept) < size + FORGOTTEN_AT_ONCE


def test_more_are_kept_than_batches_on_their_way_can_hold() -> None:
    being_drafted_waiting_and_written = 3
    assert being_drafted_waiting_and_written * BATCH_OPERATIONS_MAX <= TRANSFERS_KEPT
