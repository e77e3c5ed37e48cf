"""The checks: figures of the components in, comparisons out. Pure, and exact: one unit of difference is a failure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from fogbank.accounts.client import ActivityChainView
from fogbank.accounts.ledger.client import LedgerFigures
from fogbank.audit.comparing import ZERO, Figures, by_meter, compare_figures, compare_numbers, none_wrong
from fogbank.audit.model import Check
from fogbank.billing.client import BillingFigures
from fogbank.kernel.quantities import EXACT
from fogbank.usage.client import UsageFigures


def usage_checks(usage: UsageFigures) -> Iterator[Check]:
    """Every accepted reading is stored, once, and is in its window and its hour; what was made from it outlives it."""
    yield compare_numbers("events accepted = stored", usage.accepted_events, usage.accepted_stored)
    yield compare_numbers("events stored = in windows", usage.stored_events, usage.window_events)
    yield compare_numbers("events stored = in hours", usage.stored_events, usage.hour_events)
    stored = _quantities(usage, "stored")
    yield compare_figures("quantities stored = windows", stored, _quantities(usage, "windows"))
    yield compare_figures("quantities stored = days", stored, _quantities(usage, "days"))
    yield compare_figures("quantities stored = hours", stored, _quantities(usage, "hours"))
    for what in ("windows", "hours"):
        older, days = _quantities(usage, f"older_{what}"), _quantities(usage, f"days_of_older_{what}")
        yield compare_figures(f"quantities in older {what} = days", older, days)


def billing_checks(usage: UsageFigures, billing: BillingFigures) -> Iterator[Check]:
    """What was priced is what was used, what was charged is its price, and the ledger took what was charged."""
    priced = _priced(billing)
    yield compare_figures("quantities used = priced", _used(usage, meters_of(billing)), priced)
    price, charged, posted = _money(billing, "price"), _money(billing, "charged"), _money(billing, "posted")
    yield compare_figures("price of usage = charges", price, charged)
    yield compare_figures("charges = posted", charged, posted)
    yield compare_numbers("charges add up to their total", sum(charged.values(), ZERO), Decimal(billing.charged))


def ledger_checks(billing: BillingFigures, ledger: LedgerFigures) -> Iterator[Check]:
    """The ledger holds exactly what was charged, and agrees with itself from the first entry on."""
    yield compare_figures("charges = ledger", _charged_by_account(billing), _by_account(ledger.charges))
    yield none_wrong("every balance = sum of its entries", ledger.entries, "entries", ledger.differing_accounts)
    yield none_wrong("every entry continues the one before", ledger.entries, "entries", ledger.broken_entries)
    yield none_wrong("every transfer sums to zero", ledger.transfers, "transfers", ledger.unbalanced_transfers)
    yield none_wrong("what is held = open holds", ledger.transfers, "transfers", ledger.differing_holds)
    yield none_wrong("ledger accounts are in their ranges", ledger.entries, "entries", ledger.out_of_range)
    yield none_wrong("reversals mirror transfers", ledger.transfers, "transfers", ledger.unmirrored_reversals)
    yield none_wrong("expired grants and holds are settled", ledger.transfers, "transfers", ledger.unsettled)
    yield none_wrong("terms = what transfers say", ledger.transfers, "transfers", ledger.differing_terms)
    yield compare_numbers("all balances sum to zero", Decimal(ledger.balances_sum), ZERO)
    broken = ledger.chain.broken or ([] if ledger.chain.ok else ["the chain is broken"])
    yield none_wrong("chain of hashes is intact", ledger.chain.batches, "batches", broken)


def activity_checks(chain: ActivityChainView) -> Iterator[Check]:
    """What administrators did is in the activity log as it was written."""
    yield none_wrong("activity log is intact", chain.entries, "acts", chain.broken)


def unrest(usage: UsageFigures, before: BillingFigures, billing: BillingFigures) -> str:
    """What is still under way, so that sides may differ without anything being wrong; empty when all is at rest.

    `before` and `billing` were taken before and after `usage`: readings came in between when their cursors differ.
    """
    under_way = [
        (usage.pending_messages, "messages are not read yet"),
        (usage.dirty_windows, "windows are not rolled up yet"),
        (billing.moving, "charges are moving"),
    ]
    words = [f"{count:,} {what}" for count, what in under_way if count]
    if before.cursor != billing.cursor:
        words.append("readings came in meanwhile")
    return ", ".join(words)


def meters_of(billing: BillingFigures) -> frozenset[str]:
    """The meters that have a price: only those are billed."""
    return frozenset(line.meter for line in billing.lines)


def _quantities(usage: UsageFigures, place: str) -> Figures:
    return {
        key: quantity
        for account in usage.accounts
        for key, quantity in by_meter(account.account_id, getattr(account, place)).items()
    }


def _money(billing: BillingFigures, what: str) -> Figures:
    return {(line.account_id, line.month, line.meter): Decimal(getattr(line, what)) for line in billing.lines}


def _charged_by_account(billing: BillingFigures) -> Figures:
    totals: dict[tuple[str, ...], Decimal] = {}
    for line in billing.lines:
        key = (line.account_id,)
        totals[key] = EXACT.add(totals.get(key, ZERO), Decimal(line.charged))
    return totals


def _by_account(amounts: Mapping[str, str]) -> Figures:
    return {(account_id,): Decimal(amount) for account_id, amount in amounts.items()}


def _used(usage: UsageFigures, meters: frozenset[str]) -> Figures:
    return {key: quantity for key, quantity in _quantities(usage, "used").items() if key[1] in meters}


def _priced(billing: BillingFigures) -> Figures:
    """Quantities of all months by account and meter."""
    totals: dict[tuple[str, ...], Decimal] = {}
    for line in billing.lines:
        key = (line.account_id, line.meter)
        totals[key] = EXACT.add(totals.get(key, ZERO), Decimal(line.quantity))
    return totals
