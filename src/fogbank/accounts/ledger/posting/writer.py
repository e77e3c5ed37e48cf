"""The writer: one task that posts whatever waits, up to a limit, as one batch. It adds no delay of its own.

While a batch is on its way to disk, the next one is drafted on what the first will leave behind. Many writers, in many
processes, may share a database; each finds out when another one wrote, and then takes its turn under the head's lock.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
import structlog
from psycopg.errors import UniqueViolation

from fogbank.accounts.ledger.errors import LedgerUnavailable
from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting import batch, store
from fogbank.accounts.ledger.posting.books import Books
from fogbank.accounts.ledger.posting.operations import AnyOperation
from fogbank.accounts.ledger.posting.sheet import Outcome, Sheet
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import Health
from fogbank.runtime.database import Database

log = structlog.get_logger(__name__)

BATCH_OPERATIONS_MAX = 2_000
BOOKS_SIZE_MAX = 200_000
"""A payer, hold or grant in the books takes about 1 kB; when there are more, new books are begun."""

LOST = (psycopg.OperationalError, psycopg.InterfaceError)
"""The database is not there, or did not take a batch for reasons that are not in it."""


@dataclass(slots=True)
class Waiting:
    """Operations of one caller, and where it waits for what becomes of them."""

    operations: Sequence[AnyOperation]
    answer: asyncio.Future[list[Outcome]]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A batch on its way: who waits for it, and its sheet with the books it was drafted on, if it could be."""

    taken: list[Waiting]
    operations: list[AnyOperation]
    books: Books | None
    sheet: Sheet | None


class Writer:
    """Takes operations from any number of callers and posts them in the order they came."""

    def __init__(
        self, database: Database, clock: Clock, health: Health, batch_operations_max: int = BATCH_OPERATIONS_MAX
    ) -> None:
        self._database = database
        self._clock = clock
        self._health = health
        self._batch_operations_max = batch_operations_max
        self._waiting: deque[Waiting] = deque()
        self._has_waiting = asyncio.Event()
        self._books: Books | None = None
        self._is_stopped = False

    async def post(self, operation: AnyOperation) -> Transfer:
        """The transfer of one operation, once it is on disk. Raises its `Refused`, or `LedgerUnavailable`."""
        outcome = (await self._enqueue((operation,)))[0]
        if isinstance(outcome, Transfer):
            return outcome
        raise outcome

    async def post_all(self, operations: Sequence[AnyOperation]) -> list[Outcome]:
        """What becomes of each operation, in order. Raises `LedgerUnavailable`: then repeat all, with the same ids."""
        step = self._batch_operations_max
        parts = [self._enqueue(operations[start : start + step]) for start in range(0, len(operations), step)]
        return [outcome for outcomes in await asyncio.gather(*parts) for outcome in outcomes]

    async def run(self) -> None:
        """Post what waits, for ever. When cancelled, what is on its way arrives, and whoever still waits is told."""
        self._is_stopped, self._books = False, None
        settling: asyncio.Task[None] | None = None
        drafted: Drafted | None = None
        sent_by: Books | None = None
        try:
            while True:
                await self._has_waiting.wait()
                # What is on its way by books that do not hold any more is posted anew, and leaves others behind.
                if self._needs_new_books() or sent_by is not self._books:
                    await _arrived(settling)
                drafted = await self._draft(self._take())
                await _arrived(settling)
                settling = asyncio.create_task(self._settle(drafted), name="ledger:settle")
                sent_by, drafted = drafted.books, None
                await asyncio.sleep(0)  # it is sent before the next is drafted
        finally:
            self._is_stopped = True
            _fail([*(drafted.taken if drafted else ()), *self._waiting], "the ledger is shutting down")
            self._waiting.clear()
            self._has_waiting.clear()
            if settling is not None:
                await asyncio.wait([settling])

    def _enqueue(self, operations: Sequence[AnyOperation]) -> asyncio.Future[list[Outcome]]:
        if self._is_stopped:
            raise LedgerUnavailable("the ledger is not running")
        answer: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(operations, answer))
        self._has_waiting.set()
        return answer

    def _take(self) -> list[Waiting]:
        """The callers who waited longest, as many as fit into one batch, and at least one."""
        taken: list[Waiting] = []
        room = self._batch_operations_max
        while self._waiting and (not taken or len(self._waiting[0].operations) <= room):
            waiting = self._waiting.popleft()
            room -= len(waiting.operations)
            taken.append(waiting)
        if not self._waiting:
            self._has_waiting.clear()
        return taken

    def _needs_new_books(self) -> bool:
        return self._books is None or self._books.size > BOOKS_SIZE_MAX

    async def _draft(self, taken: list[Waiting]) -> Drafted:
        """The next batch, decided on the books as the one before leaves them."""
        operations = [operation for waiting in taken for operation in waiting.operations]
        now = self._clock()
        try:
            if self._books is None or self._needs_new_books():
                async with self._database.pool.connection(batch.CONNECTION_WAIT_SECONDS) as connection:
                    self._books = await store.read_books(connection, now)
            books = self._books
            return Drafted(taken, operations, books, await batch.draft(self._database, books, operations, now))
        except Exception as error:  # whatever it is, only those whose operation it is in may fail
            if not isinstance(error, LOST):
                log.exception("ledger batch could not be decided", operations=len(operations))
            self._books = None
            return Drafted(taken, operations, None, None)
        except BaseException as error:
            self._books = None
            _fail(taken, error)
            raise

    async def _settle(self, drafted: Drafted) -> None:
        """Write a batch and answer its callers, whatever happens."""
        try:
            outcomes = await self._write(drafted)
        except LOST as error:
            self._lost(drafted.taken, error)
        except Exception:
            log.warning("ledger batch not posted", operations=len(drafted.operations), exc_info=True)
            self._books = None
            await self._settle_apart(drafted.taken)
        except BaseException as error:
            self._books = None
            _fail(drafted.taken, error)
            raise
        else:
            self._health.succeeded("posting")
            _answer(drafted.taken, outcomes)

    async def _write(self, drafted: Drafted) -> list[Outcome]:
        """Write what was drafted; where that no longer holds, or the connection broke, post it anew under the lock.

        A connection that breaks may have committed: the ids that are posted already are answered as what they are.
        """
        if drafted.sheet is None:
            await self._database.pool.check()
        elif drafted.books is self._books:
            try:
                async with self._database.pool.connection(batch.CONNECTION_WAIT_SECONDS) as connection:
                    await batch.write(connection, drafted.sheet)
                    return drafted.sheet.outcomes
            except (batch.Overtaken, UniqueViolation):
                pass
            except LOST:
                await self._database.pool.check()
        return await self._write_under_lock(drafted.operations)

    async def _write_under_lock(self, operations: list[AnyOperation]) -> list[Outcome]:
        async with self._database.pool.connection(batch.CONNECTION_WAIT_SECONDS) as connection:
            self._books, sheet = await batch.post_under_lock(connection, operations, self._clock())
        return sheet.outcomes

    async def _settle_apart(self, taken: list[Waiting]) -> None:
        """Each caller for itself, so that only the one whose operations we or the database fail at is told so."""
        for waiting in taken:
            try:
                outcomes = await self._write_under_lock(list(waiting.operations))
            except Exception as error:
                log.exception("ledger operations not posted", ids=[op.id for op in waiting.operations])
                self._lost([waiting], error)
            else:
                _answer([waiting], outcomes)

    def _lost(self, taken: list[Waiting], error: Exception) -> None:
        self._books = None
        self._health.failed(f"a batch was not posted: {error}")
        log.warning("ledger batch failed", callers=len(taken), error=str(error))
        _fail(taken, error)


async def _arrived(settling: asyncio.Task[None] | None) -> None:
    """Wait until the batch on its way has arrived; to be cancelled meanwhile does not stop it."""
    if settling is not None:
        if not settling.done():  # a crowd's has arrived before it asks again
            await asyncio.wait([settling])
        settling.result()


def _answer(taken: Sequence[Waiting], outcomes: list[Outcome]) -> None:
    start = 0
    for waiting in taken:
        end = start + len(waiting.operations)
        if not waiting.answer.done():
            waiting.answer.set_result(outcomes[start:end])
        start = end


def _fail(taken: Sequence[Waiting], error: BaseException | str) -> None:
    for waiting in taken:
        if not waiting.answer.done():
            waiting.answer.set_exception(LedgerUnavailable(str(error)))
