"""The writer: one task that posts whatever waits, up to a limit, as one batch. It adds no delay of its own.

Many writers, in many processes, may share a database: row locks in one order keep them apart.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import psycopg
import structlog
from psycopg.errors import DeadlockDetected, SerializationFailure, UniqueViolation
from psycopg_pool import PoolTimeout

from fogbank.accounts.ledger.batch import post_batch
from fogbank.accounts.ledger.errors import LedgerUnavailable
from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.operations import AnyOperation
from fogbank.accounts.ledger.sheet import Outcome
from fogbank.runtime.clock import Clock
from fogbank.runtime.component import Health
from fogbank.runtime.database import Database

log = structlog.get_logger(__name__)

BATCH_OPERATIONS_MAX = 2_000
CONNECTION_WAIT_SECONDS = 5.0
ATTEMPTS_MAX = 5
KNOWN_OWNERS_MAX = 500_000
"""A payer's id takes about 100 bytes to remember; when there are more, all are forgotten and learnt again."""

PASSING = (UniqueViolation, DeadlockDetected, SerializationFailure)
"""Another writer was in the way (a unique id: it posted the same one just now). Trying again settles it."""

LOST = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)


@dataclass(slots=True)
class Waiting:
    """Operations of one caller, and where it waits for what becomes of them."""

    operations: Sequence[AnyOperation]
    answer: asyncio.Future[list[Outcome]]


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
        self._known_owners: set[str] = set()
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
        """Post what waits, for ever. When cancelled, whoever still waits is told that the ledger is unavailable."""
        self._is_stopped = False
        try:
            while True:
                await self._has_waiting.wait()
                await self._post_waiting(self._take())
        finally:
            self._is_stopped = True
            while self._waiting:
                _fail(self._take(), LedgerUnavailable("the ledger is shutting down"))

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
            if not waiting.answer.done():
                taken.append(waiting)
        if not self._waiting:
            self._has_waiting.clear()
        return taken

    async def _post_waiting(self, taken: list[Waiting]) -> None:
        """Post `taken` as one batch. Where the database refuses it for what is in it, only the guilty one fails."""
        try:
            outcomes = await self._post([operation for waiting in taken for operation in waiting.operations])
        except LOST as error:
            self._health.failed(f"the database did not take a batch: {error}")
            log.warning("ledger batch failed", operations=len(taken), error=str(error))
            _fail(taken, error)
        except psycopg.Error as error:
            if len(taken) > 1:
                middle = len(taken) // 2
                await self._post_waiting(taken[:middle])
                await self._post_waiting(taken[middle:])
            else:
                log.exception("ledger batch refused by the database")
                _fail(taken, error)
        except BaseException as error:
            _fail(taken, error)
            raise
        else:
            self._health.succeeded("posting")
            _answer(taken, outcomes)

    async def _post(self, operations: list[AnyOperation]) -> list[Outcome]:
        for _ in range(ATTEMPTS_MAX - 1):
            with suppress(*PASSING):
                return await self._post_once(operations)
        return await self._post_once(operations)

    async def _post_once(self, operations: list[AnyOperation]) -> list[Outcome]:
        if len(self._known_owners) > KNOWN_OWNERS_MAX:
            self._known_owners.clear()
        async with self._database.pool.connection(CONNECTION_WAIT_SECONDS) as connection:
            return await post_batch(connection, operations, self._clock(), self._known_owners)


def _answer(taken: list[Waiting], outcomes: list[Outcome]) -> None:
    start = 0
    for waiting in taken:
        end = start + len(waiting.operations)
        if not waiting.answer.done():
            waiting.answer.set_result(outcomes[start:end])
        start = end


def _fail(taken: list[Waiting], error: BaseException | str) -> None:
    for waiting in taken:
        if not waiting.answer.done():
            waiting.answer.set_exception(LedgerUnavailable(str(error)))
