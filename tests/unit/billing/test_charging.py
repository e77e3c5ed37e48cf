"""Charging is the difference of a cumulative cost: whatever the order, the sum of charges is the price of the total."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from fogbank.billing.model import Charge, Line, LineKey
from fogbank.billing.rules.charging import revise
from fogbank.billing.rules.price_book import PriceBook, PriceLine
from fogbank.billing.rules.price_models import Flat, Graduated, Package, PerUnit, QuantityModel, Volume
from fogbank.billing.rules.rating import rate_of
from fogbank.billing.rules.units import HUMAN_UNITS
from fogbank.kernel.ids import AccountId
from fogbank.kernel.meters import Meter
from fogbank.kernel.periods import EPOCH
from fogbank.kernel.quantities import Quantity

NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
DURING = datetime(2026, 11, 25, tzinfo=UTC)
AFTERWARDS = datetime(2026, 12, 1, tzinfo=UTC)

at_once = st.from_type(PerUnit) | st.from_type(Flat) | st.from_type(Graduated) | st.from_type(Package)
totals = st.lists(st.integers(0, 10**11).map(Quantity), min_size=1, max_size=10)


def book_of(model: QuantityModel, version: int = 1) -> PriceBook:
    lines = {
        meter: PriceLine(meter, HUMAN_UNITS[meter], "", model, rate_of(model, HUMAN_UNITS[meter].meter_units))
        for meter in Meter
    }
    return PriceBook(version, EPOCH, "EUR", lines)


def key(meter: Meter = Meter.CPU_SECONDS, account: str = "org_a") -> LineKey:
    return LineKey(AccountId(account), NOVEMBER, meter)


class Payer:
    """One payer's line, as the store would keep it."""

    def __init__(self, book: PriceBook) -> None:
        self.book = book
        self.known: dict[LineKey, Line] = {}
        self.charges: list[Charge] = []

    def sees(self, total: Quantity, now: datetime = DURING) -> list[Charge]:
        revisions = revise({key(): total}, self.known, lambda _month, _version: self.book, now)
        self.known |= {line.key: line for line in revisions.lines}
        self.charges += revisions.charges
        return revisions.charges

    @property
    def charged(self) -> int:
        return sum(charge.amount_micros for charge in self.charges)


@given(at_once, totals)
def test_after_any_sequence_of_totals_the_charges_add_up_to_the_price_of_the_last(
    model: QuantityModel, seen: list[Quantity]
) -> None:
    payer = Payer(book_of(model))
    for total in seen:
        payer.sees(total)
    rate = payer.book.lines[Meter.CPU_SECONDS].rate
    assert payer.charged == rate.cost_micros(seen[-1])


@given(at_once, totals)
def test_revisions_are_numbered_without_gaps_and_seeing_a_total_again_charges_nothing(
    model: QuantityModel, seen: list[Quantity]
) -> None:
    payer = Payer(book_of(model))
    for total in seen:
        payer.sees(total)
        assert payer.sees(total) == []
    assert [charge.revision for charge in payer.charges] == list(range(1, len(payer.charges) + 1))
    assert len({charge.id for charge in payer.charges}) == len(payer.charges)


def test_a_lowered_total_refunds() -> None:
    payer = Payer(book_of(PerUnit(Decimal("3.6"))))
    payer.sees(Quantity(10_000_000))
    (refund,) = payer.sees(Quantity(4_000_000))
    assert (refund.amount_micros, payer.charged) == (-6_000, 4_000)


@given(st.from_type(Volume), totals)
def test_volume_prices_are_charged_once_when_the_month_has_ended(model: Volume, seen: list[Quantity]) -> None:
    payer = Payer(book_of(model))
    for total in seen:
        assert payer.sees(total) == []
    payer.sees(seen[-1], AFTERWARDS)
    assert payer.charged == payer.book.lines[Meter.CPU_SECONDS].rate.cost_micros(seen[-1])
    assert len(payer.charges) <= 1


def test_a_line_keeps_the_price_book_it_was_first_priced_with() -> None:
    old, new = book_of(PerUnit(Decimal(1))), book_of(PerUnit(Decimal(2)), version=2)
    books = {1: old, 2: new}
    known = {key(): Line(key(), 1, Quantity(0), 0, 0, 0)}  # type: ignore[arg-type]
    quantities = {key(): Quantity(3_600_000_000), key(account="org_b"): Quantity(3_600_000_000)}
    revisions = revise(quantities, known, lambda _month, version: books[version or 2], DURING)
    amounts = {charge.key.account_id: (charge.price_book_version, charge.amount_micros) for charge in revisions.charges}
    assert amounts == {"org_a": (1, 1_000_000), "org_b": (2, 2_000_000)}


def test_a_meter_that_was_never_used_leaves_no_line() -> None:
    payer = Payer(book_of(PerUnit(Decimal(1))))
    assert payer.sees(Quantity(0)) == []
    assert payer.known == {}


def test_a_charges_id_names_account_month_meter_and_revision() -> None:
    payer = Payer(book_of(PerUnit(Decimal(1))))
    (charge,) = payer.sees(Quantity(3_600_000_000))
    assert charge.id == "charge:org_a:2026-11:cpu_seconds:1"
