"""Walking the chain: every batch is hashed anew from the rows that are there, and compared with its hash."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from fogbank.accounts.ledger.auditing import store as auditing_store
from fogbank.accounts.ledger.auditing.store import BatchRow
from fogbank.accounts.ledger.chain import GENESIS, batch_hash, header_line
from fogbank.runtime.database import Connection

BATCHES_AT_ONCE = 1_000
TRANSFERS_AT_ONCE = 50_000

Progress = Callable[[int, int], None]
"""Told how many transfers are verified, and how many there are."""


@dataclass(slots=True)
class ChainReport:
    """What the walk found. `broken` says what is wrong, batch by batch; `hash` is that of the last batch."""

    batches: int = 0
    transfers: int = 0
    hash: bytes = GENESIS
    broken: list[str] = field(default_factory=list)


async def verify_chain(connection: Connection, progress: Progress = lambda _done, _all: None) -> ChainReport:
    """Recompute the whole chain, in memory that does not grow with it. The connection should read one instant."""
    report = ChainReport()
    head = await auditing_store.head(connection)
    while page := await auditing_store.batches(connection, report.batches, BATCHES_AT_ONCE):
        for window in _windows(page):
            await _verify_window(connection, window, report)
            progress(report.transfers, head.sequence)
    if (head.batch, head.sequence, head.hash) != (report.batches, report.transfers, report.hash):
        report.broken.append(f"the chain's head names batch {head.batch}, and the last one is batch {report.batches}")
    return report


def _windows(page: list[BatchRow]) -> Iterator[list[BatchRow]]:
    """Consecutive batches of about as many transfers as fit into memory."""
    window: list[BatchRow] = []
    for row in page:
        window.append(row)
        if row.last_sequence - window[0].first_sequence >= TRANSFERS_AT_ONCE:
            yield window
            window = []
    if window:
        yield window


async def _verify_window(connection: Connection, window: list[BatchRow], report: ChainReport) -> None:
    transfers = Lines(await auditing_store.lines(connection, auditing_store.TRANSFER_LINES, window))
    entries = Lines(await auditing_store.lines(connection, auditing_store.ENTRY_LINES, window))
    for row in window:
        _verify_batch(row, transfers.up_to(row.last_sequence), entries.up_to(row.last_sequence), report)


class Lines:
    """Lines by ascending sequence, taken batch by batch."""

    def __init__(self, lines: list[tuple[int, str]]) -> None:
        self._lines = lines
        self._position = 0

    def up_to(self, sequence: int) -> list[str]:
        """The lines not taken yet, up to and including those of `sequence`."""
        end = bisect_right(self._lines, sequence, lo=self._position, key=itemgetter(0))
        taken = [line for _, line in self._lines[self._position : end]]
        self._position = end
        return taken


def _verify_batch(row: BatchRow, transfer_lines: list[str], entry_lines: list[str], report: ChainReport) -> None:
    where = f"batch {row.number} (transfers {row.first_sequence} to {row.last_sequence})"
    if row.number != report.batches + 1 or row.first_sequence != report.transfers + 1:
        report.broken.append(f"{where} does not follow batch {report.batches}, which ends at {report.transfers}")
    if row.previous_hash != report.hash:
        report.broken.append(f"{where} does not name the hash of the batch before it")
    if len(transfer_lines) != row.last_sequence - row.first_sequence + 1:
        report.broken.append(f"{where} has {len(transfer_lines)} transfers")
    header = header_line(row.number, row.posted_at, row.previous_hash)
    if batch_hash(header, transfer_lines, entry_lines) != row.hash:
        report.broken.append(f"{where} is not what was hashed when it was posted")
    report.batches, report.transfers, report.hash = row.number, row.last_sequence, row.hash
