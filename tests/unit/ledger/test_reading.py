"""Reading's rules: how long credit lasts, and where a position is in the ledger's time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.ledger.reading.positions import LAST_NUMBER, AccountThen, Position, just_before, worth_micros
from fogbank.accounts.ledger.reading.runway import (
    MEASURED,
    MEASURED_MIN,
    Spending,
    Store,
    days_text,
    measured_since,
    runway_seconds,
)
from fogbank.accounts.ledger.reading.statements import cursor_of, position_of

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)
stores = st.lists(
    st.builds(
        Store,
        st.integers(0, 10**12),
        st.none() | st.timedeltas(timedelta(0), timedelta(days=90)).map(lambda after: NOW + after),
    ),
    max_size=6,
)


def test_where_nothing_is_spent_there_is_no_runway() -> None:
    for spent_micros in (0, -5):
        assert runway_seconds([Store(100, None)], Spending(spent_micros, DAY), NOW) is None


def test_a_grant_that_expires_counts_no_longer_than_it_burns() -> None:
    spending = Spending(24, timedelta(hours=24))
    assert runway_seconds([Store(10, None)], spending, NOW) == 10 * 3600
    assert runway_seconds([Store(10, NOW + timedelta(hours=3)), Store(4, None)], spending, NOW) == 7 * 3600
    assert runway_seconds([Store(2, None), Store(9, NOW + timedelta(hours=3))], spending, NOW) == 3 * 3600
    assert runway_seconds([Store(-5, None)], spending, NOW) == 0


@given(stores, st.integers(1, 10**12), st.integers(0, 10**9))
def test_more_credit_never_lasts_shorter_and_never_longer_than_its_sum(
    burning: list[Store], spent_micros: int, more_micros: int
) -> None:
    spending = Spending(spent_micros, DAY)
    seconds = runway_seconds(burning, spending, NOW)
    more = runway_seconds([*burning, Store(more_micros, None)], spending, NOW)
    assert seconds is not None
    assert more is not None
    assert more >= seconds
    assert seconds <= sum(store.amount_micros for store in burning) * 86_400 // spent_micros


def test_spending_is_measured_over_a_day_or_since_the_account_began_but_over_an_hour_at_least() -> None:
    assert NOW - measured_since(NOW, None) == MEASURED
    assert NOW - measured_since(NOW, NOW - 9 * DAY) == MEASURED
    assert NOW - measured_since(NOW, NOW - timedelta(hours=5)) == timedelta(hours=5)
    assert NOW - measured_since(NOW, NOW - timedelta(minutes=5)) == MEASURED_MIN


def test_days_are_rounded_down() -> None:
    assert [days_text(seconds) for seconds in (0, 86_399, 86_400, 129_600)] == ["0.00", "0.99", "1.00", "1.50"]


def test_a_grant_counts_until_its_instant_and_goes_in_order_of_number() -> None:
    grants = [AccountThen(number, "grant", f"grant:{number}", "paid", 0, NOW, 10) for number in (3, 4)]
    credit = AccountThen(1, "customer", "customer:a", None, None, None, 100)
    accounts = [credit, *grants]
    assert worth_micros(accounts, just_before(7, NOW)) == 120
    assert worth_micros(accounts, Position(7, NOW, 3)) == 110
    assert worth_micros(accounts, Position(7, NOW, 4)) == 100
    assert worth_micros(accounts, Position(8, NOW, LAST_NUMBER)) == 100


@given(st.integers(0, 2**62), st.datetimes(timezones=st.just(UTC)), st.integers(0, LAST_NUMBER))
def test_a_cursor_is_its_position(sequence: int, at: datetime, number: int) -> None:
    at = max(at, datetime(1970, 1, 1, tzinfo=UTC))
    position = Position(sequence, at, number)
    assert position_of(cursor_of(position)) == position
