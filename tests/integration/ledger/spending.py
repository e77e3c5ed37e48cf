"""A process of its own that spends: clients of one writer deduct from one account until it can pay no more.

    python -m tests.integration.ledger.spending URL NAME CLIENTS AMOUNT

It writes how many micro-credits it took, once every client was refused.
"""

import asyncio
import sys
from datetime import UTC, datetime

import structlog
from tests.clock import MovingClock
from tests.integration.ledger.worlds import writer_of

from fogbank.accounts.ledger.errors import BalanceTooLow, LedgerUnavailable
from fogbank.accounts.ledger.posting.operations import Deduct
from fogbank.accounts.ledger.posting.writer import Writer
from fogbank.runtime.database import Database

ACCOUNT = "org_a"


async def spend(writer: Writer, name: str, amount_micros: int) -> int:
    """What one client took, in micro-credits, deduction by deduction until the first that is refused.

    Anything but a refusal by the rules is a failure: where they would let more go, the database is the last wall.
    """
    taken, turn = 0, 0
    while True:
        operation = Deduct(id=f"{name}-{turn}", account_id=ACCOUNT, amount_micros=amount_micros)
        try:
            taken += (await writer.post(operation)).amount_micros
        except BalanceTooLow:
            return taken
        except LedgerUnavailable as error:
            raise AssertionError(f"the rules let {operation.id} pass the floor of {ACCOUNT}: {error}") from error
        turn += 1


async def spend_all(url: str, name: str, clients: int, amount_micros: int) -> int:
    clock = MovingClock(datetime(2026, 3, 10, 12, tzinfo=UTC))
    async with Database.open(url) as database, writer_of(database, clock) as writer:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        return sum(await asyncio.gather(*(spend(writer, f"{name}-{each}", amount_micros) for each in range(clients))))


if __name__ == "__main__":
    own_url, own_name, own_clients, own_amount = sys.argv[1:]
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
    sys.stdout.write(f"{asyncio.run(spend_all(own_url, own_name, int(own_clients), int(own_amount)))}\n")
