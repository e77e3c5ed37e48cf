"""A mistake of ours in one operation is nobody else's: the writer goes on, and who waited beside it is served."""

import asyncio
from collections.abc import Callable

import pytest
from msgspec.structs import force_setattr

from fogbank.accounts.ledger.errors import LedgerUnavailable
from fogbank.accounts.ledger.model import Transfer
from fogbank.accounts.ledger.posting.operations import Deduct, Deposit
from fogbank.accounts.ledger.service import LedgerService


class Undecidable(Deduct, frozen=True, kw_only=True, gc=False):
    """An operation that no rule is for."""


def undecidable(operation_id: str) -> Deduct:
    return Undecidable(id=operation_id, account_id="org_a", amount_micros=1)


def unstorable(operation_id: str) -> Deduct:
    """One that the database refuses: a check of ours let through what it should not."""
    operation = deduct(operation_id)
    force_setattr(operation, "memo", "\0")
    return operation


def deduct(operation_id: str, amount: int = 1) -> Deduct:
    return Deduct(id=operation_id, account_id="org_a", amount_micros=amount)


@pytest.mark.parametrize("mistaken", [undecidable, unstorable])
async def test_what_we_fail_to_post_fails_alone_and_stops_nobody(
    ledger: LedgerService, mistaken: Callable[[str], Deduct]
) -> None:
    await ledger.post(Deposit(id="deposit", account_id="org_a", amount_micros=10))
    for turn in range(2):
        asked = [mistaken(f"mistake{turn}"), *(deduct(f"d{turn}-{number}") for number in range(3))]
        failed, *posted = await asyncio.gather(*map(ledger.post, asked), return_exceptions=True)
        assert isinstance(failed, LedgerUnavailable)
        assert [isinstance(each, Transfer) for each in posted] == [True] * 3
    assert (await ledger.post(deduct("rest", 4))).balance_micros == 0
