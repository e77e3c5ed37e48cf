"""What the benchmark fills a ledger with is a ledger: its balances are true, and its chain is whole."""

from tests.clock import MovingClock
from tests.integration.ledger.conftest import writing
from tests.integration.ledger.test_posting import assert_sound

from fogbank.accounts.ledger.posting.operations import Deduct, Deposit
from fogbank.benchmarks.ledger_fill_store import fill
from fogbank.runtime.database import Database


async def test_a_filled_ledger_is_sound_and_goes_on(
    books_url: str, ledger_database: Database, clock: MovingClock
) -> None:
    async with writing(ledger_database, clock) as ledger:
        await ledger.post_all(
            [Deposit(id=f"d{number}", account_id=f"org_{number}", amount_micros=10_000) for number in range(3)]
        )
        assert await fill(books_url, 2_503) > 0
        assert (await assert_sound(ledger)).transfers == 2_506
        later = await ledger.post(Deduct(id="on", account_id="org_0", amount_micros=1))
        assert later.balance_micros in {10_000 - 834 - 1, 10_000 - 835 - 1}
        await assert_sound(ledger)
