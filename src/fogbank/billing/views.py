"""Billing's things as the wire shows them. Pure."""

from collections.abc import Iterable
from decimal import Decimal

from fogbank.billing.client import ChargeView, PriceBookView, PriceLineView, TierView
from fogbank.billing.model import StoredCharge
from fogbank.billing.rules.decimals import plain
from fogbank.billing.rules.price_book import PriceBook, PriceLine
from fogbank.billing.rules.price_models import Flat, Graduated, Package, PerUnit, Tier, Volume, is_free
from fogbank.kernel.money import credits_from_micros
from fogbank.kernel.quantities import decimal_from_quantity


def price_book_view(book: PriceBook, following: PriceBook | None) -> PriceBookView:
    return PriceBookView(
        version=book.version,
        valid_from=book.valid_from,
        currency=book.currency,
        lines=[price_line_view(line, book.currency) for line in book.lines.values()],
        next_valid_from=following.valid_from if following else None,
    )


def price_line_view(line: PriceLine, currency: str) -> PriceLineView:
    model = line.model
    tiers = model.tiers if isinstance(model, Graduated | Volume) else ()
    return PriceLineView(
        meter=line.meter,
        label=line.meter.label,
        unit=line.unit.name,
        model=line.model_name,
        text=price_text(line, currency),
        is_free=is_free(model),
        unit_price=plain(model.unit_price) if isinstance(model, PerUnit) else None,
        flat_price=plain(model.price) if isinstance(model, Flat) else None,
        tiers=[_tier_view(tier) for tier in tiers],
        package_size=plain(model.size) if isinstance(model, Package) else None,
        package_price=plain(model.price) if isinstance(model, Package) else None,
        free_quantity=plain(model.free_quantity) if isinstance(model, Package) else None,
    )


def _tier_view(tier: Tier) -> TierView:
    up_to = None if tier.up_to is None else plain(tier.up_to)
    return TierView(up_to, plain(tier.unit_price), plain(tier.flat_price))


def price_text(line: PriceLine, currency: str) -> str:
    """The price in one line, such as `0.036 EUR per CPU-hour`."""
    unit, model = line.unit.name, line.model
    if is_free(model):
        return "free"
    match model:
        case PerUnit(unit_price):
            return f"{plain(unit_price)} {currency} per {unit}"
        case Flat(price):
            return f"{plain(price)} {currency} a month"
        case Package():
            package = f"{plain(model.price)} {currency} per {plain(model.size)} {unit}, begun ones "
            free = f", after {plain(model.free_quantity)} {unit} free" if model.free_quantity else ""
            return package + ("included" if model.rounds_up else "not counted") + free
        case Graduated(tiers):
            return "; ".join(_steps(tiers, unit, currency))
        case Volume(tiers):
            return "by the month's total, for all of it: " + "; ".join(_steps(tiers, unit, currency))


def _steps(tiers: Iterable[Tier], unit: str, currency: str) -> Iterable[str]:
    """Each tier's price and how far it goes: `0.05 EUR per GB up to 10000 GB`."""
    below: Decimal | None = None
    for tier in tiers:
        price = f"{plain(tier.unit_price)} {currency} per {unit}" if tier.unit_price else "free"
        flat = f" and {plain(tier.flat_price)} {currency} once" if tier.flat_price else ""
        reach = (
            f" up to {plain(tier.up_to)} {unit}"
            if tier.up_to is not None
            else f" beyond {plain(below)} {unit}"
            if below
            else ""
        )
        below = tier.up_to
        yield price + flat + reach


def charge_view(stored: StoredCharge) -> ChargeView:
    charge = stored.charge
    return ChargeView(
        id=charge.id,
        account_id=charge.key.account_id,
        month=charge.key.month,
        meter=charge.key.meter,
        label=charge.key.meter.label,
        revision=charge.revision,
        price_book_version=charge.price_book_version,
        quantity=plain(decimal_from_quantity(charge.quantity)),
        cost=credits_from_micros(charge.cost_micros),
        amount=credits_from_micros(charge.amount_micros),
        written_at=stored.written_at,
        posted_at=stored.posted_at,
        transfer_id=stored.transfer_id,
    )
