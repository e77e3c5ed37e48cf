"""The ledger's promises as rules: money is conserved, floors hold, ids are used once, and credit burns in order."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from operator import itemgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogbank.accounts.ledger.chain import GENESIS
from fogbank.accounts.ledger.errors import (
    AccountOutOfRange,
    BalanceTooLow,
    CaptureExceedsHold,
    HoldNotFound,
    HoldNotOpen,
    NotAnOperation,
    Refused,
    TransferConflict,
)
from fogbank.accounts.ledger.model import Grant, GrantKind, Head, Posting, grant_name
from fogbank.accounts.ledger.posting.books import Books, Owner, reserved_micros
from fogbank.accounts.ledger.posting.operations import (
    AnyOperation,
    Capture,
    Charge,
    Deduct,
    Deposit,
    ExpireHold,
    GrantCredit,
    Move,
    PlaceHold,
    Release,
    SetCreditLimit,
)
from fogbank.accounts.ledger.posting.rules import decide
from fogbank.kernel.money import MICROS_MAX

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAYERS = ("org_a", "org_b")
AMOUNTS = st.integers(1, 1000)


def post(books: Books, operation: AnyOperation, now: datetime = NOW) -> Posting:
    for payer in PAYERS:
        if payer not in books.owners:
            books.open_owner(payer)
    for hold in books.at(now):
        books.apply(decide(ExpireHold.of(hold.id), books))
    posting = decide(operation, books)
    books.apply(posting)
    return posting


def funded(credit: int = 0, grants: int = 0) -> Books:
    books = Books(Head(0, 0, NOW, GENESIS), NOW)
    if credit:
        post(books, Deposit(id="first-deposit", account_id="org_a", amount_micros=credit))
    if grants:
        post(books, gift("first-grant", grants))
    return books


def gift(
    grant_id: str, amount: int, priority: int = 100, expires_at: datetime | None = None, payer: str = "org_a"
) -> GrantCredit:
    return GrantCredit(
        id=grant_id,
        account_id=payer,
        amount_micros=amount,
        grant_kind=GrantKind.PROMOTIONAL,
        priority=priority,
        expires_at=expires_at,
    )


HOURS = st.integers(1, 48).map(lambda hours: NOW + timedelta(hours=hours))
IDS = st.integers(0, 99).map("op{}".format)
HOLD_IDS = st.integers(0, 9).map("hold{}".format)
FEW = st.integers(1, 100)
LATER = st.integers(24, 72).map(lambda hours: NOW + timedelta(hours=hours))
PAYER = st.sampled_from(PAYERS)
NAMES = st.permutations(["customer:org_a", "customer:org_b", "arrears:org_a", "adjustments", "revenue"])
OPERATIONS: st.SearchStrategy[AnyOperation] = st.one_of(
    st.builds(Deduct, id=IDS, account_id=PAYER, amount_micros=AMOUNTS),
    st.builds(Charge, id=IDS, account_id=PAYER, amount_micros=st.integers(-1000, 1000)),
    st.builds(Deposit, id=IDS, account_id=PAYER, amount_micros=AMOUNTS),
    st.builds(gift, IDS, AMOUNTS, st.integers(0, 2), st.none() | HOURS, PAYER),
    st.builds(PlaceHold, id=HOLD_IDS, account_id=PAYER, amount_micros=AMOUNTS, expires_at=LATER),
    st.builds(Capture, id=IDS, hold_id=HOLD_IDS, part_micros=st.none() | FEW),
    st.builds(Release, id=IDS, hold_id=HOLD_IDS),
    st.builds(SetCreditLimit, id=IDS, account_id=PAYER, amount_micros=FEW),
    st.builds(
        lambda transfer_id, amount, names: Move(
            id=transfer_id, amount_micros=amount, from_name=names[0], to_name=names[1]
        ),
        IDS,
        AMOUNTS,
        NAMES,
    ),
)
JOURNALS = st.lists(st.tuples(OPERATIONS, HOURS), min_size=15, max_size=50).map(
    lambda journal: sorted(journal, key=itemgetter(1))
)
"""Operations at times that advance, their ids drawn from few, so that some repeat and some conflict."""

Journal = list[tuple[AnyOperation, datetime]]


def steps(journal: Journal) -> Iterator[Books]:
    """The same books again and again, after each operation."""
    books = Books(Head(0, 0, NOW, GENESIS), NOW)
    for operation, now in journal:
        with suppress(Refused):
            post(books, operation, now)
        yield books


def play(journal: Journal) -> Books:
    return deque(steps(journal), maxlen=1)[0]


@given(JOURNALS)
def test_all_balances_always_sum_to_zero(journal: Journal) -> None:
    assert all(sum(books.balances.values()) == 0 for books in steps(journal))


@settings(max_examples=500)
@given(JOURNALS)
def test_no_account_ever_passes_its_floor(journal: Journal) -> None:
    for books in steps(journal):
        for owner in books.owners.values():
            assert books.spendable_micros(owner) >= 0
            assert books.balances[owner.arrears] <= 0
            assert all(books.balances[grant_name(terms.id)] >= 0 for terms in owner.grants)


@given(JOURNALS)
def test_what_is_held_is_the_sum_of_open_holds(journal: Journal) -> None:
    for books in steps(journal):
        held = dict.fromkeys(books.owners, 0)
        for hold in books.holds.values():
            held[hold.account_id] += reserved_micros(hold)
        assert {owner.account_id: owner.held_micros for owner in books.owners.values()} == held


@given(JOURNALS)
def test_a_journal_played_twice_is_a_journal_played_once(journal: Journal) -> None:
    once = play(journal)
    accepted = [operation for operation, _ in journal if operation.id in once.transfers]
    twice = play(journal)
    for operation in accepted:
        try:
            repeated = decide(operation, twice)
        except TransferConflict:
            continue
        assert repeated.is_repeat
        assert repeated.transfer == once.transfers[operation.id]
        twice.apply(repeated)
    assert twice.balances == once.balances


@given(JOURNALS)
def test_every_transfer_is_its_parts(journal: Journal) -> None:
    for transfer in play(journal).transfers.values():
        parts = transfer.grants_micros + transfer.credit_micros + transfer.arrears_micros
        assert parts in {0, transfer.amount_micros, -transfer.amount_micros}


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 2000), st.integers(0, 300))
def test_a_refund_after_a_charge_restores_the_total(credit: int, grants: int, amount: int, limit: int) -> None:
    books = funded(credit, grants)
    post(books, SetCreditLimit(id="limit", account_id="org_a", amount_micros=limit))
    total_before = worth(books)
    post(books, Charge(id="charge", account_id="org_a", amount_micros=amount))
    assert worth(books) == total_before - amount
    post(books, Charge(id="refund", account_id="org_a", amount_micros=-amount))
    assert worth(books) == total_before
    assert books.balances["arrears:org_a"] == 0
    assert books.balances["revenue"] == 0


def worth(books: Books) -> int:
    """What the payer has, less what it owes."""
    owner = books.owners["org_a"]
    return books.balances[owner.customer] + books.active_grants_micros(owner) + books.balances[owner.arrears]


def test_a_charge_burns_grants_then_credit_to_the_floor_and_the_rest_is_arrears() -> None:
    books = funded(credit=50, grants=30)
    transfer = post(books, Charge(id="charge", account_id="org_a", amount_micros=100)).transfer
    assert (transfer.grants_micros, transfer.credit_micros, transfer.arrears_micros) == (-30, -50, -20)
    assert books.balances["revenue"] == 100
    assert transfer.balance_micros == 0


def test_grants_burn_by_priority_then_expiry_then_age() -> None:
    books = Books(Head(0, 0, NOW, GENESIS), NOW)
    soon, later = NOW + timedelta(days=1), NOW + timedelta(days=2)
    for grant_id, priority, expires_at in [
        ("fifth", 2, None),
        ("third", 1, None),
        ("fourth", 1, None),
        ("second", 1, later),
        ("first", 1, soon),
        ("zeroth", 0, None),
    ]:
        post(books, gift(grant_id, 10, priority, expires_at))
    posting = post(books, Charge(id="charge", account_id="org_a", amount_micros=55))
    burnt = [(name, part) for name, part in posting.legs if name.startswith("grant:")]
    order = ["zeroth", "first", "second", "third", "fourth", "fifth"]
    assert burnt == [(grant_name(grant_id), -10) for grant_id in order[:5]] + [(grant_name("fifth"), -5)]


def test_of_grants_with_one_priority_the_one_that_expires_first_burns_first_however_young() -> None:
    owner = Owner("org_a")
    old, young = NOW + timedelta(days=9), NOW + timedelta(days=1)
    for age, expires_at in enumerate([None, old, young, None]):
        owner.add_grant(Grant(f"g{age}", GrantKind.PAID, 1, expires_at, age))
    assert [grant.id for grant in owner.grants] == ["g2", "g1", "g0", "g3"]


def test_an_expired_grant_is_not_spent() -> None:
    books = Books(Head(0, 0, NOW, GENESIS), NOW)
    post(books, gift("short", 10, expires_at=NOW + timedelta(hours=1)))
    after = NOW + timedelta(hours=1)
    with pytest.raises(BalanceTooLow) as refused:
        post(books, Deduct(id="late", account_id="org_a", amount_micros=1), after)
    assert refused.value.balance_micros == 0


def test_a_deduction_beyond_the_floor_is_refused_and_changes_nothing() -> None:
    books = funded(credit=50, grants=30)
    before = dict(books.balances)
    with pytest.raises(BalanceTooLow) as refused:
        post(books, Deduct(id="much", account_id="org_a", amount_micros=81))
    assert (refused.value.balance_micros, refused.value.floor_micros) == (80, 0)
    assert books.balances == before
    post(books, Deduct(id="all", account_id="org_a", amount_micros=80))


def test_a_credit_limit_lets_the_balance_go_below_zero_and_no_further() -> None:
    books = Books(Head(0, 0, NOW, GENESIS), NOW)
    post(books, SetCreditLimit(id="limit", account_id="org_a", amount_micros=100))
    post(books, Deduct(id="a", account_id="org_a", amount_micros=100))
    assert books.balances["customer:org_a"] == -100
    with pytest.raises(BalanceTooLow):
        post(books, Deduct(id="b", account_id="org_a", amount_micros=1))
    with pytest.raises(BalanceTooLow):
        post(books, SetCreditLimit(id="lower", account_id="org_a", amount_micros=99))


def test_a_deposit_settles_arrears_first() -> None:
    books = Books(Head(0, 0, NOW, GENESIS), NOW)
    post(books, Charge(id="charge", account_id="org_a", amount_micros=70))
    transfer = post(books, Deposit(id="deposit", account_id="org_a", amount_micros=100)).transfer
    assert (transfer.arrears_micros, transfer.credit_micros) == (70, 30)


def test_the_same_id_with_other_content_is_a_conflict() -> None:
    books = funded(credit=100)
    first = post(books, Deduct(id="x", account_id="org_a", amount_micros=5, memo="tea"))
    again = post(books, Deduct(id="x", account_id="org_a", amount_micros=5, memo="tea"))
    assert again.is_repeat
    assert again.transfer == first.transfer
    for other in (
        Deduct(id="x", account_id="org_a", amount_micros=6, memo="tea"),
        Deduct(id="x", account_id="org_b", amount_micros=5, memo="tea"),
        Deduct(id="x", account_id="org_a", amount_micros=5, memo="coffee"),
        Charge(id="x", account_id="org_a", amount_micros=5, memo="tea"),
    ):
        with pytest.raises(TransferConflict):
            post(books, other)
    assert books.balances["customer:org_a"] == 95


def test_a_hold_reserves_credit_until_it_is_captured_or_released() -> None:
    books = funded(credit=100)
    until = NOW + timedelta(hours=1)
    post(books, PlaceHold(id="h", account_id="org_a", amount_micros=60, expires_at=until))
    with pytest.raises(BalanceTooLow):
        post(books, Deduct(id="d", account_id="org_a", amount_micros=41))
    with pytest.raises(CaptureExceedsHold):
        post(books, Capture(id="c", hold_id="h", part_micros=61))
    post(books, Capture(id="c", hold_id="h", part_micros=25))
    assert books.balances["customer:org_a"] == 75
    assert books.owners["org_a"].held_micros == 0
    with pytest.raises(HoldNotOpen):
        post(books, Release(id="r", hold_id="h"))
    with pytest.raises(HoldNotFound):
        post(books, Release(id="r", hold_id="other"))


def test_a_hold_does_not_reserve_grants() -> None:
    books = funded(credit=10, grants=100)
    with pytest.raises(BalanceTooLow):
        post(books, PlaceHold(id="h", account_id="org_a", amount_micros=11, expires_at=NOW + timedelta(hours=1)))


def test_a_charge_leaves_what_is_held_and_owes_the_rest() -> None:
    books = funded(credit=100)
    post(books, PlaceHold(id="h", account_id="org_a", amount_micros=60, expires_at=NOW + timedelta(hours=1)))
    transfer = post(books, Charge(id="c", account_id="org_a", amount_micros=50)).transfer
    assert (transfer.credit_micros, transfer.arrears_micros) == (-40, -10)


def test_an_expired_hold_frees_what_it_held() -> None:
    books = funded(credit=100)
    until = NOW + timedelta(hours=1)
    post(books, PlaceHold(id="h", account_id="org_a", amount_micros=60, expires_at=until))
    with pytest.raises(HoldNotOpen):
        post(books, Capture(id="c", hold_id="h"), until)
    post(books, Deduct(id="d", account_id="org_a", amount_micros=100), until)


def test_a_transfer_keeps_each_ledger_account_where_it_can_be() -> None:
    books = funded(credit=10)
    post(books, Move(id="a", amount_micros=10, from_name="customer:org_a", to_name="customer:org_b"))
    with pytest.raises(BalanceTooLow):
        post(books, Move(id="b", amount_micros=1, from_name="customer:org_a", to_name="adjustments"))
    with pytest.raises(AccountOutOfRange):
        post(books, Move(id="c", amount_micros=1, from_name="adjustments", to_name="arrears:org_a"))


def test_nobody_has_more_than_can_be_written_down() -> None:
    books = funded(credit=1)
    books.balances["customer:org_a"] = MICROS_MAX - 10
    post(books, gift("fits", 10))
    with pytest.raises(AccountOutOfRange) as refused:
        post(books, gift("beyond", 1))
    assert (refused.value.name, refused.value.balance_micros) == ("customer:org_a", MICROS_MAX + 1)
    post(books, Charge(id="c", account_id="org_a", amount_micros=1))


@pytest.mark.parametrize(
    ("field", "build"),
    [
        ("id", lambda: Deduct(id="a b", account_id="org_a", amount_micros=1)),
        ("memo", lambda: Deduct(id="a", account_id="org_a", amount_micros=1, memo="a\tb")),
        ("memo", lambda: Deduct(id="a", account_id="org_a", amount_micros=1, memo="x" * 501)),
        ("account_id", lambda: Deduct(id="a", account_id="", amount_micros=1)),
        ("amount", lambda: Deduct(id="a", account_id="org_a", amount_micros=0)),
        ("amount", lambda: Deposit(id="a", account_id="org_a", amount_micros=10**18)),
        ("priority", lambda: gift("a", 1, priority=-1)),
        ("expires_at", lambda: gift("a", 1, expires_at=datetime(2026, 3, 2))),  # noqa: DTZ001
        ("from", lambda: Move(id="a", amount_micros=1, from_name="grant:x", to_name="revenue")),
        ("to", lambda: Move(id="a", amount_micros=1, from_name="revenue", to_name="revenue")),
        ("to", lambda: Capture(id="a", hold_id="h", to_name="grant:g")),
    ],
)
def test_what_no_operation_may_hold_is_refused_with_its_field(field: str, build: object) -> None:
    assert callable(build)
    with pytest.raises(NotAnOperation) as refused:
        build()
    assert refused.value.field == field
