"""What mends: reversals, ends of grants, write-offs and freezes undo exactly, once, and take only what may be taken."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.ledger.test_rules import NOW, funded, gift, post, worth

from fogbank.accounts.ledger.errors import (
    AccountFrozen,
    AccountNotFrozen,
    AccountOutOfRange,
    AlreadyReversed,
    BalanceTooLow,
    GrantEnded,
    NotAnOperation,
    NotReversible,
    NotYetExpired,
    Refused,
    TransferNotFound,
)
from fogbank.accounts.ledger.model import Force, GrantKind, Posting
from fogbank.accounts.ledger.posting.books import Books
from fogbank.accounts.ledger.posting.operations import (
    AnyOperation,
    Capture,
    Charge,
    Deduct,
    Deposit,
    ExpireGrant,
    ExpireHold,
    Freeze,
    GrantCredit,
    Move,
    PlaceHold,
    Post,
    Release,
    Reverse,
    SetCreditLimit,
    Unfreeze,
    VoidGrant,
    WriteOff,
)

HOUR = timedelta(hours=1)
AMOUNTS = st.integers(1, 500)


def balances(books: Books) -> dict[str, int]:
    return {name: balance for name, balance in books.balances.items() if balance}


def reverse(books: Books, transfer_id: str, force: Force | None = None, now: datetime = NOW) -> Posting:
    return post(books, Reverse(id=f"reverse-{transfer_id}", transfer_id=transfer_id, force=force), now)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 900))
def test_a_reversal_leaves_all_balances_as_they_were(credit: int, grants: int, amount: int) -> None:
    books = funded(credit, grants)
    before = balances(books)
    charge = post(books, Charge(id="c", account_id="org_a", amount_micros=amount))
    mirror = reverse(books, "c")
    assert sorted(mirror.legs) == sorted((name, -part) for name, part in charge.legs)
    assert mirror.transfer.balance_micros == credit + grants
    assert balances(books) == before


def test_a_transfer_is_reversed_once_and_a_reversal_not_at_all() -> None:
    books = funded(100)
    post(books, Deduct(id="d", account_id="org_a", amount_micros=10))
    reverse(books, "d")
    with pytest.raises(AlreadyReversed) as refused:
        post(books, Reverse(id="again", transfer_id="d", force=Force.ARREARS))
    assert refused.value.reversal_id == "reverse-d"
    with pytest.raises(NotReversible):
        reverse(books, "reverse-d")
    with pytest.raises(TransferNotFound):
        reverse(books, "other")


def test_what_moved_nothing_has_no_mirror() -> None:
    books = funded(100)
    post(books, PlaceHold(id="h", account_id="org_a", amount_micros=10, expires_at=NOW + HOUR))
    post(books, SetCreditLimit(id="l", account_id="org_a", amount_micros=10))
    for transfer_id in ("h", "l"):
        with pytest.raises(NotReversible):
            reverse(books, transfer_id)


@given(AMOUNTS, AMOUNTS, st.sampled_from(Force))
def test_a_forced_reversal_takes_what_is_there_and_names_who_bears_the_rest(
    amount: int, spent: int, force: Force
) -> None:
    books = funded()
    post(books, Deposit(id="d", account_id="org_a", amount_micros=amount))
    spent = min(spent, amount)
    post(books, Deduct(id="x", account_id="org_a", amount_micros=spent))
    with pytest.raises(BalanceTooLow):
        reverse(books, "d")
    reverse(books, "d", force)
    assert books.balances["customer:org_a"] == 0
    bearer = "arrears:org_a" if force is Force.ARREARS else "write_offs"
    assert balances(books) == {"revenue": spent, bearer: -spent}


def test_what_a_gone_grant_or_settled_arrears_cannot_take_back_becomes_credit() -> None:
    books = funded(10)
    post(books, gift("g", 20, expires_at=NOW + HOUR))
    post(books, Charge(id="c", account_id="org_a", amount_micros=50))
    post(books, Deposit(id="d", account_id="org_a", amount_micros=15))
    with pytest.raises(GrantEnded):
        reverse(books, "c", now=NOW + HOUR)
    reverse(books, "c", Force.WRITE_OFF, NOW + HOUR)
    assert balances(books) == {"customer:org_a": 45, "deposits": -25, "promotions": -20}


def test_the_mirror_of_a_grant_needs_all_of_it() -> None:
    books = funded()
    post(books, gift("g", 20))
    post(books, Deduct(id="d", account_id="org_a", amount_micros=5))
    with pytest.raises(AccountOutOfRange):
        reverse(books, "g")
    reverse(books, "g", Force.ARREARS)
    assert balances(books) == {"revenue": 5, "arrears:org_a": -5}


@pytest.mark.parametrize(("kind", "target"), [(GrantKind.PAID, "breakage"), (GrantKind.PROMOTIONAL, "promotions")])
def test_what_is_left_of_an_expired_grant_moves_once(kind: GrantKind, target: str) -> None:
    books = funded(7)
    post(books, GrantCredit(id="g", account_id="org_a", amount_micros=20, grant_kind=kind, expires_at=NOW + HOUR))
    post(books, Deduct(id="d", account_id="org_a", amount_micros=5))
    with pytest.raises(NotYetExpired):
        post(books, ExpireGrant.of("g"))
    before = books.balances[target]
    expiry = post(books, ExpireGrant.of("g"), NOW + HOUR)
    assert (expiry.transfer.amount_micros, expiry.transfer.balance_micros) == (15, 7)
    assert books.balances[target] - before == 15
    assert post(books, ExpireGrant.of("g"), NOW + HOUR).is_repeat
    with pytest.raises(GrantEnded):
        post(books, VoidGrant(id="v", grant_id="g"), NOW + HOUR)


@pytest.mark.parametrize("kind", GrantKind)
def test_a_voided_grant_goes_back_to_where_it_came_from_and_takes_nothing_any_more(kind: GrantKind) -> None:
    books = funded(7)
    before = balances(books)
    post(books, GrantCredit(id="g", account_id="org_a", amount_micros=20, grant_kind=kind))
    void = post(books, VoidGrant(id="v", grant_id="g"))
    assert void.transfer.balance_micros == 7
    assert balances(books) == before
    for operation in (
        VoidGrant(id="v2", grant_id="g"),
        Post(id="p", legs=(("customer:org_a", -1), ("grant:g", 1))),
    ):
        with pytest.raises(GrantEnded):
            post(books, operation)


def test_a_write_off_gives_up_what_is_owed_and_no_more() -> None:
    books = funded()
    post(books, Charge(id="c", account_id="org_a", amount_micros=30))
    with pytest.raises(AccountOutOfRange):
        post(books, WriteOff(id="w", account_id="org_a", amount_micros=31))
    post(books, WriteOff(id="w", account_id="org_a", amount_micros=30))
    assert balances(books) == {"revenue": 30, "write_offs": -30}
    assert worth(books) == 0


def test_from_a_frozen_account_nothing_is_taken_but_charges() -> None:
    books = funded(100, 10)
    post(books, PlaceHold(id="h", account_id="org_a", amount_micros=10, expires_at=NOW + HOUR))
    post(books, PlaceHold(id="h2", account_id="org_a", amount_micros=10, expires_at=NOW + HOUR))
    post(books, Freeze(id="f", account_id="org_a", memo="a claim"))
    before = balances(books)
    takes: list[AnyOperation] = [
        Deduct(id="x", account_id="org_a", amount_micros=1),
        PlaceHold(id="x", account_id="org_a", amount_micros=1, expires_at=NOW + HOUR),
        Capture(id="x", hold_id="h"),
        VoidGrant(id="x", grant_id="first-grant"),
        Move(id="x", amount_micros=1, from_name="customer:org_a", to_name="tax"),
        Post(id="x", legs=(("grant:first-grant", -1), ("tax", 1))),
        Post(id="x", legs=(("arrears:org_a", -1), ("tax", 1))),
        Reverse(id="x", transfer_id="first-deposit"),
        Reverse(id="x", transfer_id="first-deposit", force=Force.ARREARS),
        Freeze(id="x", account_id="org_a", memo="again"),
    ]
    for operation in takes:
        with pytest.raises(AccountFrozen):
            post(books, operation)
    assert balances(books) == before
    for operation in (
        Deposit(id="deposit", account_id="org_a", amount_micros=5),
        Charge(id="charge", account_id="org_a", amount_micros=50),
        Release(id="release", hold_id="h"),
        SetCreditLimit(id="limit", account_id="org_a", amount_micros=5),
        Reverse(id="mend", transfer_id="charge"),
        Unfreeze(id="u", account_id="org_a", memo="settled"),
        Deduct(id="x", account_id="org_a", amount_micros=1),
    ):
        post(books, operation)
    with pytest.raises(AccountNotFrozen):
        post(books, Unfreeze(id="u2", account_id="org_a", memo="settled"))


def test_all_legs_are_posted_or_none() -> None:
    books = funded(10)
    books.open_owner("op")
    books.open_earnings("earnings:op", 99)
    before = balances(books)
    for legs in (
        (("customer:org_a", -11), ("earnings:op", 6), ("tax", 5)),
        (("earnings:op", -1), ("tax", 1)),
        (("treasury", -1), ("tax", 1)),
        (("custody", 1), ("tax", -1)),
        (("arrears:org_a", 1), ("tax", -1)),
    ):
        with pytest.raises(Refused):
            post(books, Post(id="p", legs=legs))
    assert balances(books) == before
    post(books, Post(id="p", legs=(("customer:org_a", -10), ("earnings:op", 6), ("tax", 4))))
    assert balances(books) == {"deposits": -10, "earnings:op": 6, "tax": 4}


def test_a_hold_is_captured_to_whatever_may_take_it() -> None:
    books = funded(100)
    books.open_owner("op")
    books.open_earnings("earnings:op", 99)
    post(books, Charge(id="c", account_id="org_b", amount_micros=5))
    for number, name in enumerate(("revenue", "earnings:op", "custody", "customer:org_b", "treasury")):
        post(books, PlaceHold(id=f"h{number}", account_id="org_a", amount_micros=5, expires_at=NOW + HOUR))
        if name == "custody":
            post(books, Move(id="m", amount_micros=5, from_name="custody", to_name="adjustments"))
        post(books, Capture(id=f"c{number}", hold_id=f"h{number}", to_name=name))
    post(books, PlaceHold(id="h", account_id="org_a", amount_micros=10, expires_at=NOW + HOUR))
    with pytest.raises(NotAnOperation):
        post(books, Capture(id="own", hold_id="h", to_name="customer:org_a"))
    with pytest.raises(AccountOutOfRange):
        post(books, Capture(id="own", hold_id="h", to_name="arrears:org_b"))
    post(books, Capture(id="own", hold_id="h", part_micros=5, to_name="arrears:org_b"))
    assert books.balances["arrears:org_b"] == 0


def test_the_expiry_of_a_hold_is_posted_when_its_time_is_up() -> None:
    books = funded(10)
    post(books, PlaceHold(id="h", account_id="org_a", amount_micros=10, expires_at=NOW + HOUR))
    with pytest.raises(NotYetExpired):
        post(books, ExpireHold.of("h"))
    assert post(books, ExpireHold.of("h"), NOW + HOUR).is_repeat
    assert books.transfers["expire_hold:h"].amount_micros == 10
