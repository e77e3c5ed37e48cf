"""Two hundred spend from one account at once, by four writers in three processes: exactly what it has, and no more."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process

from tests.clock import MovingClock
from tests.integration.ledger.spending import ACCOUNT, spend
from tests.integration.ledger.worlds import audit, stored, writer_of

from fogbank.accounts.ledger.model import GrantKind
from fogbank.accounts.ledger.posting.operations import Deposit, GrantCredit, PlaceHold, SetCreditLimit
from fogbank.runtime.database import Database

CREDIT, GRANTED, LIMIT, HELD = 3_000, 500, 250, 750
AFFORDABLE = CREDIT + GRANTED + LIMIT - HELD
EACH = 7
SPENDERS = 50


async def _process(url: str, name: str) -> Process:
    arguments = ["-m", "tests.integration.ledger.spending", url, name, str(SPENDERS), str(EACH)]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=PIPE, stdout=PIPE)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def _go(process: Process) -> int:
    taken, _ = await process.communicate(b"go\n")
    assert process.returncode == 0, "a process took what was not there, or was told nothing: its output says which"
    return int(taken)


async def test_two_hundred_spenders_in_three_processes_take_exactly_what_is_affordable(
    books_url: str, ledger_database: Database, clock: MovingClock
) -> None:
    async with writer_of(ledger_database, clock) as one, writer_of(ledger_database, clock) as other:
        until = clock.now.replace(year=2027)
        for operation in (
            Deposit(id="deposit", account_id=ACCOUNT, amount_micros=CREDIT),
            GrantCredit(id="gift", account_id=ACCOUNT, amount_micros=GRANTED, grant_kind=GrantKind.PROMOTIONAL),
            SetCreditLimit(id="limit", account_id=ACCOUNT, amount_micros=LIMIT),
            PlaceHold(id="hold", account_id=ACCOUNT, amount_micros=HELD, expires_at=until),
        ):
            await one.post(operation)
        processes = [await _process(books_url, f"process-{number}") for number in range(2)]
        spending = [
            *(_go(process) for process in processes),
            *(
                spend(writer, f"{number}-{each}", EACH)
                for number, writer in ((1, one), (2, other))
                for each in range(SPENDERS)
            ),
        ]
        taken = sum(await asyncio.gather(*spending))
    assert taken == AFFORDABLE // EACH * EACH
    accounts = await stored(ledger_database)
    customer = accounts[f"customer:{ACCOUNT}"]
    assert customer.balance - customer.held == -LIMIT + AFFORDABLE % EACH
    assert accounts["grant:gift"].balance == 0
    assert accounts["revenue"].balance == taken
    assert sum(account.balance for account in accounts.values()) == 0
    assert await audit(ledger_database, clock) == []
