"""The ledger against a plain one: whatever is asked of it, in whatever order, by two writers that crash, they agree.

`FOGBANK_LEDGER_EXAMPLES=500 FOGBANK_LEDGER_STEPS=100 pytest tests/integration/ledger/test_model.py` goes on for long.
"""

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from copy import deepcopy
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.clock import MovingClock
from tests.integration.ledger.plain_ledger import No, PlainLedger, Told
from tests.integration.ledger.recipes import PAYERS, RECIPES, Recipe, operation_of
from tests.integration.ledger.worlds import audit, stored

from fogbank.accounts.ledger.errors import LedgerUnavailable, Refused
from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting import operations as ops
from fogbank.accounts.ledger.posting.expiring import Expiring
from fogbank.accounts.ledger.posting.sheet import Outcome
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.runtime.component import Health
from fogbank.runtime.database import Database
from fogbank.runtime.embedded import PostgresServer
from fogbank.runtime.migrations import migrate

STEPS = int(os.environ.get("FOGBANK_LEDGER_STEPS", "50"))
EXAMPLES = int(os.environ.get("FOGBANK_LEDGER_EXAMPLES", "10"))

Result = TypeVar("Result")


WRITERS = st.integers(0, 1)


class TheLedgerAndAPlainOne(RuleBasedStateMachine):
    """Two writers on one database, as two processes would be, and a plain ledger beside them."""

    make_database: ClassVar[Callable[..., str]]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = MovingClock()
        self.plain = PlainLedger(self.clock.now)
        self.numbers = itertools.count(1)
        self.stack = AsyncExitStack()
        self.url = self.make_database()
        self.database = self.run(self.stack.enter_async_context(Database.open(self.url)))
        self.writers: list[Writer] = []
        self.running: list[asyncio.Task[None]] = []
        for _ in range(2):
            self.run(self._start())

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    async def _start(self) -> None:
        self.writers.append(Writer(self.database, self.clock, Health(self.clock)))
        self.running.append(asyncio.create_task(self.writers[-1].run()))

    async def _crash(self, number: int) -> None:
        """The writer ends, whatever it is doing, and a new one takes its place that knows nothing."""
        self.running[number].cancel()
        await asyncio.wait([self.running[number]])
        self.writers[number] = Writer(self.database, self.clock, Health(self.clock))
        self.running[number] = asyncio.create_task(self.writers[number].run())

    # What happens

    @rule(recipe=RECIPES, writer=WRITERS)
    def ask(self, recipe: Recipe, writer: int) -> None:
        operation = self._operation(recipe)
        assert _agree(self.run(_told(self.writers[writer], operation)), self.plain, operation), operation

    @rule(recipes=st.lists(RECIPES, min_size=2, max_size=6), writer=WRITERS)
    def ask_in_one_list(self, recipes: list[Recipe], writer: int) -> None:
        asked = [self._operation(recipe) for recipe in recipes]
        outcomes = self.run(_answered(self.writers[writer].post_all(asked), asked))
        for operation, outcome in zip(asked, outcomes, strict=True):
            assert _agree(outcome, self.plain, operation)

    @rule(first=RECIPES, second=RECIPES)
    def ask_both_writers_at_once(self, first: Recipe, second: Recipe) -> None:
        """Either may be first; the ledger must be as if one had waited for the other."""
        asked = [self._operation(first), self._operation(second)]

        async def both() -> list[Outcome]:
            return list(await asyncio.gather(*map(_told, self.writers, asked)))

        outcomes = self.run(both())
        names, now = self.run(stored(self.database)), list[PlainLedger]()
        for order in ((0, 1), (1, 0)):
            plain = deepcopy(self.plain)
            if all(_agree(outcomes[number], plain, asked[number]) for number in order):
                now.append(plain)
        fitting = [plain for plain in now if all(plain.balances[name] == names[name].balance for name in names)]
        assert fitting, (asked, outcomes)
        self.plain = fitting[0]

    @rule(recipe=RECIPES, writer=WRITERS, turns=st.integers(0, 12), is_cut=st.booleans())
    def lose_the_answer_and_repeat(self, recipe: Recipe, writer: int, turns: int, is_cut: bool) -> None:
        """The writer, or its connection, ends before, while or after it commits; the caller asks again."""
        operation = self._operation(recipe)

        async def lose() -> None:
            asking = asyncio.create_task(_told(self.writers[writer], operation))
            for _ in range(turns):
                await asyncio.sleep(0)
            if is_cut:
                await asyncio.to_thread(self._cut)
            else:
                await self._crash(writer)
            await asyncio.wait([asking])
            asking.exception()

        self.run(lose())
        assert _agree(self.run(_insist(self.writers[1 - writer], operation)), self.plain, operation)

    def _cut(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    @rule(pick=st.integers(0, 50), writer=WRITERS)
    def repeat_what_was_posted(self, pick: int, writer: int) -> None:
        if self.plain.posted:
            operation, _ = list(self.plain.posted.values())[-1 - pick % len(self.plain.posted)]
            assert _agree(self.run(_told(self.writers[writer], operation)), self.plain, operation)

    @rule(pick=st.integers(0, 50), writer=WRITERS)
    def use_an_id_for_something_else(self, pick: int, writer: int) -> None:
        if self.plain.posted:
            used = list(self.plain.posted)[-1 - pick % len(self.plain.posted)]
            operation = ops.Deposit(id=used, account_id="org_a", amount_micros=301)
            assert _agree(self.run(_told(self.writers[writer], operation)), self.plain, operation)

    @rule(minutes=st.integers(1, 240))
    def let_time_pass(self, minutes: int) -> None:
        self.clock.forward(timedelta(minutes=minutes))
        self.plain.now = self.clock.now

    @rule()
    def settle_what_is_due_by_both_at_once(self) -> None:
        async def both() -> None:
            jobs = [Expiring(self.database, writer, self.clock) for writer in self.writers]
            await asyncio.gather(*(job.expire_holds() for job in jobs), *(job.expire_grants() for job in jobs))

        self.run(both())
        self.plain.settle_time()

    @rule(writer=WRITERS)
    def restart(self, writer: int) -> None:
        self.run(self._crash(writer))

    # What must hold

    @invariant()
    def they_agree(self) -> None:
        names = self.run(stored(self.database))
        assert {name: each.balance for name, each in names.items() if each.balance} == {
            name: balance for name, balance in self.plain.balances.items() if balance
        }
        assert sum(each.balance for each in names.values()) == 0
        holds = self.run(self._holds())
        for who in PAYERS:
            if f"customer:{who}" in names:
                customer = names[f"customer:{who}"]
                assert (-customer.floor, customer.is_frozen) == (self.plain.limits[who], who in self.plain.frozen)
                assert customer.balance - customer.held >= customer.floor
            assert holds.get(who, 0) == self.plain.held(who)

    async def _holds(self) -> dict[str, int]:
        async with self.database.connection() as connection:
            cursor = await connection.execute(
                "SELECT account_id, sum(amount_micros)::bigint FROM ledger.holds"
                " WHERE state = 'open' AND expires_at > %s GROUP BY account_id",
                [self.clock.now],
            )
            return dict(await cursor.fetchall())

    def teardown(self) -> None:
        try:
            self.settle_what_is_due_by_both_at_once()
            self.they_agree()
            assert self.run(audit(self.database, self.clock)) == []
            assert self.run(self._ids()) == set(self.plain.posted)
        finally:
            self.run(self._close())
            self.runner.close()

    async def _ids(self) -> set[str]:
        async with self.database.connection() as connection:
            cursor = await connection.execute(
                "SELECT id FROM ledger.transfers WHERE kind NOT IN ('expire_hold', 'expire_grant')"
            )
            return {name for (name,) in await cursor.fetchall()}

    async def _close(self) -> None:
        for running in self.running:
            running.cancel()
        await asyncio.wait(self.running)
        await self.stack.aclose()

    def _operation(self, recipe: Recipe) -> ops.AnyOperation:
        return operation_of(recipe, self.plain, f"op{next(self.numbers)}")


async def _told(writer: Writer, operation: ops.AnyOperation) -> Outcome:
    try:
        return await writer.post(operation)
    except Refused as refused:
        return refused


async def _answered(answers: Awaitable[list[Outcome]], asked: object) -> list[Outcome]:
    """What becomes of each; that nothing is told is a failure."""
    try:
        return await answers
    except LedgerUnavailable as error:
        raise AssertionError(f"{asked} were neither posted nor refused: {error}") from error


async def _insist(writer: Writer, operation: ops.AnyOperation) -> Outcome:
    """What a caller does who got no answer."""
    while True:
        try:
            return await _told(writer, operation)
        except LedgerUnavailable as error:
            if "violates" in str(error):
                raise AssertionError(f"only the database kept {operation} from being posted") from error
            await asyncio.sleep(0)


def _agree(outcome: Outcome, plain: PlainLedger, operation: ops.AnyOperation) -> bool:
    """Whether the plain ledger, which goes on from here, answers the same."""
    try:
        told = plain.post(operation)
    except No as no:
        return type(outcome).__name__ in no.reasons
    return isinstance(outcome, Transfer) and told == Told(
        outcome.account_id,
        outcome.amount_micros,
        outcome.grants_micros,
        outcome.credit_micros,
        outcome.arrears_micros,
        outcome.balance_micros,
    )


@pytest.fixture(scope="module")
def make_database(postgres: PostgresServer) -> Callable[[], str]:
    """Each call makes a database with an empty ledger, and ends the one before."""
    names = (f"ledger_model_{number}" for number in itertools.count(1))
    made: list[str] = []
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE ledger_model")
    migrate(postgres.url_of("ledger_model"))

    def make() -> str:
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            if made:
                connection.execute(f"DROP DATABASE {made.pop()} WITH (FORCE)".encode())
            made.append(next(names))
            connection.execute(f"CREATE DATABASE {made[-1]} TEMPLATE ledger_model".encode())
        return postgres.url_of(made[-1])

    return make


def test_the_ledger_does_what_a_plain_one_does(make_database: Callable[[], str]) -> None:
    run_state_machine_as_test(
        type("TwoWriters", (TheLedgerAndAPlainOne,), {"make_database": staticmethod(make_database)}),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.reuse, Phase.generate],  # to shrink with a database takes minutes: add Phase.shrink by hand
        ),
    )
