"""The charging loop: bring what every payer was charged to the price of what it used.

Level-triggered: each pass asks usage for the totals that moved, prices them, and writes the difference to what was
charged before. A revision is written before it is posted, under the id it is posted with, so that a crash anywhere
repeats the same and never charges twice:

* before the revisions are written, nothing happened, and the next pass does the same;
* after they are written and before they are posted, the next pass posts them;
* after they are posted and before that is noted, they are posted again, and the ledger answers as the first time.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC

import structlog

from fogbank.accounts.ledger.client import ChargeRequest, ChargeResult, LedgerClient
from fogbank.billing.model import Charge, Line, LineKey
from fogbank.billing.rules.charging import revise
from fogbank.billing.service.price_books import PriceBooks
from fogbank.billing.store import charges as store
from fogbank.billing.store import credit as credit_store
from fogbank.kernel.ids import AccountId
from fogbank.kernel.meters import Meter
from fogbank.kernel.money import credits_from_micros, micros_from_credits
from fogbank.kernel.periods import month_of
from fogbank.kernel.quantities import Quantity, quantity_from_decimal
from fogbank.runtime.clock import Clock
from fogbank.runtime.database import Connection, Database
from fogbank.runtime.problems import Problem
from fogbank.usage.client import AccountTotal, Totals, UsageClient

PAYER_MONTHS_PER_TRANSACTION = 1_000
"""Whoever else this process serves gets a turn between two."""
CHARGES_PER_POST = 2_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did. `refused` charges stay written and are tried again; the ledger's reason is in the log."""

    written: int
    posted: int
    refused: int


@dataclass(slots=True)
class ChargingService:
    """Charges what is used. Safe to run in several processes at once: one of them writes, all may post."""

    database: Database
    usage: UsageClient
    ledger: LedgerClient
    books: PriceBooks
    clock: Clock
    _one_pass: asyncio.Lock = field(default_factory=asyncio.Lock)
    _has_seen_all: bool = False

    async def settle_up(self) -> Pass:
        """Write what is due for all usage that moved since the last pass, and post all that is not posted yet."""
        async with self._one_pass:
            posted, refused = await self._post_unposted()
            written = await self._write_changes() + await self._write_what_fell_due()
            if written:
                posted_now, refused = await self._post_unposted()
                posted += posted_now
            return Pass(written, posted, refused)

    async def _write_changes(self) -> int:
        async with self.database.connection() as connection:
            cursor = await store.cursor(connection)
        # The first pass of a process looks at all there is: whatever was ever missed, a restart mends.
        changes = await self.usage.totals(cursor if self._has_seen_all else 0)
        written = await self._write_totals(changes, cursor)
        self._has_seen_all = True
        return written

    async def _write_totals(self, changes: Totals, asked_with: int) -> int:
        """Write the revisions that `changes` make, in several transactions; the last one moves the cursor."""
        written = 0
        chunks = list(_chunks(changes.totals, PAYER_MONTHS_PER_TRANSACTION)) or [[]]
        for number, chunk in enumerate(chunks, 1):
            async with self.database.transaction() as tx:
                if await store.lock_cursor(tx) != asked_with:
                    return written  # somebody else has written these, or newer ones
                known = await store.lines_of(tx, [(total.account_id, total.month_start_at) for total in chunk])
                written += await self._write(tx, quantities_of(chunk), known)
                if number == len(chunks):
                    await store.advance_cursor(tx, changes.cursor)
        return written

    async def _write_what_fell_due(self) -> int:
        """Write charges that waited for their month to end."""
        async with self.database.transaction() as tx:
            await store.lock_cursor(tx)
            waiting = await store.waiting_lines(tx, month_of(self.clock()).start_at)
            return await self._write(tx, {key: line.quantity for key, line in waiting.items()}, waiting)

    async def _write(self, tx: Connection, totals: Mapping[LineKey, Quantity], known: Mapping[LineKey, Line]) -> int:
        now = self.clock()
        revisions = revise(totals, known, self.books.pricing, now)
        await store.write(tx, revisions.lines, revisions.charges, now)
        await credit_store.watch(tx, [charge.key.account_id for charge in revisions.charges], now)
        return len(revisions.charges)

    async def _post_unposted(self) -> tuple[int, int]:
        """Post what is written and not known to be posted; how many were, and how many the ledger refused."""
        posted = refused = position = 0
        while True:
            async with self.database.connection() as connection:
                stored = await store.unposted(connection, position, CHARGES_PER_POST)
            if not stored:
                return posted, refused
            results = await self._post([each.charge for each in stored])
            await self._note_posted(results)
            posted, refused = posted + len(results), refused + len(stored) - len(results)
            position = stored[-1].position

    async def _note_posted(self, results: Sequence[ChargeResult]) -> None:
        """Note what the ledger has, and look next at those whose credit did not cover it."""
        now = self.clock()
        async with self.database.transaction() as tx:
            await store.mark_posted(tx, {result.id: result.transfer_id for result in results}, now)
            uncovered = [result.account_id for result in results if micros_from_credits(result.to_arrears)]
            await credit_store.hurry(tx, uncovered, now)

    async def _post(self, charges: Sequence[Charge]) -> list[ChargeResult]:
        """What the ledger answers, without the charges that it refuses: they must not keep the others waiting."""
        try:
            return await self.ledger.charge([_request(charge) for charge in charges])
        except Problem as problem:
            refused = set(problem.extra.get("refused", ()))
            accepted = [charge for charge in charges if charge.id not in refused]
            if len(accepted) == len(charges):
                raise
            _log.error("charges refused by the ledger", charges=sorted(refused), reason=problem.detail)
            return await self._post(accepted) if accepted else []


def quantities_of(totals: Sequence[AccountTotal]) -> dict[LineKey, Quantity]:
    """The total of every meter of these payers' months; a meter that was not used has a total of zero."""
    return {
        LineKey(AccountId(total.account_id), total.month_start_at.astimezone(UTC), meter): quantity_from_decimal(
            total.quantities.get(meter, "0")
        )
        for total in totals
        for meter in Meter
    }


def _request(charge: Charge) -> ChargeRequest:
    return ChargeRequest(
        id=charge.id,
        account_id=charge.key.account_id,
        amount=credits_from_micros(charge.amount_micros),
        memo=f"{charge.key.meter.label}, {charge.key.month}",
    )


def _chunks(totals: Sequence[AccountTotal], size: int) -> Iterator[Sequence[AccountTotal]]:
    for start in range(0, len(totals), size):
        yield totals[start : start + size]
