"""The audit's rules: true figures pass, and one unit of difference, anywhere, is found and named."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.accounts.ledger.client import ChainView, LedgerFigures
from fogbank.audit.comparing import compare_figures
from fogbank.audit.model import Check, Report
from fogbank.audit.rules import billing_checks, ledger_checks, unrest, usage_checks
from fogbank.billing.client import BillingFigures, LineFigures
from fogbank.usage.client import AccountFigures, UsageFigures

UNIT = "0.000001"
USED = {"cpu_seconds": "30.000001", "memory_gb_seconds": "4.2"}
ACCOUNT = AccountFigures("org_1", stored=USED, windows=USED, days=USED, hours=USED, used=USED)
OTHER = replace(ACCOUNT, account_id="user_2")
USAGE = UsageFigures(
    accepted_events=12,
    accepted_stored=12,
    stored_events=15,
    window_events=15,
    hour_events=15,
    pending_messages=0,
    dirty_windows=0,
    accounts=[ACCOUNT, OTHER],
)


def line(account_id: str, month: str, meter: str, quantity: str, cost: str) -> LineFigures:
    return LineFigures(account_id, month, meter, quantity, price=cost, charged=cost, posted=cost)


BILLING = BillingFigures(
    cursor=7,
    moving=0,
    price="10.00",
    charged="10.00",
    posted="10.00",
    lines=[
        line("org_1", "2026-10", "cpu_seconds", "10", "1.000000"),
        line("org_1", "2026-11", "cpu_seconds", "20.000001", "2.50"),
        line("org_1", "2026-11", "memory_gb_seconds", "4.2", "0.5"),
        line("user_2", "2026-11", "cpu_seconds", "30.0000010", "5"),
        line("user_2", "2026-11", "memory_gb_seconds", "4.20", "1"),
    ],
)


CHAIN = ChainView(ok=True, batches=4, hash="00", broken=[])
LEDGER = LedgerFigures(
    transfers=9,
    entries=21,
    balances_sum="0.00",
    differing_accounts=[],
    broken_entries=[],
    unbalanced_transfers=[],
    differing_holds=[],
    out_of_range=[],
    unmirrored_reversals=[],
    unsettled=[],
    differing_terms=[],
    charges={"org_1": "4.00", "user_2": "6.00"},
    chain=CHAIN,
)


def one_unit_more(text: str) -> str:
    return str(Decimal(text) + Decimal(UNIT))


def failures(
    usage: UsageFigures = USAGE, billing: BillingFigures = BILLING, ledger: LedgerFigures = LEDGER
) -> dict[str, Check]:
    checks = [*usage_checks(usage), *billing_checks(usage, billing), *ledger_checks(billing, ledger)]
    return {check.name: check for check in checks if not check.ok}


def with_line(**changes: str) -> BillingFigures:
    return replace(BILLING, lines=[replace(BILLING.lines[0], **changes), *BILLING.lines[1:]])


def test_true_figures_pass_whatever_zeros_they_are_written_with() -> None:
    assert failures() == {}


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("accepted_events", "events accepted = stored"),
        ("accepted_stored", "events accepted = stored"),
        ("window_events", "events stored = in windows"),
        ("hour_events", "events stored = in hours"),
    ],
)
@pytest.mark.parametrize("difference", [-1, 1])
def test_one_event_lost_or_doubled_is_named_by_its_layer(field: str, name: str, difference: int) -> None:
    broken = replace(USAGE, **{field: getattr(USAGE, field) + difference})
    assert list(failures(broken)) == [name]


@pytest.mark.parametrize("place", ["windows", "days", "hours"])
@pytest.mark.parametrize("meter", USED)
def test_one_micro_unit_of_a_rollup_is_found_and_named(place: str, meter: str) -> None:
    rolled_up = {**USED, meter: one_unit_more(USED[meter])}
    changes: dict[str, Any] = {place: rolled_up}
    broken = replace(USAGE, accounts=[ACCOUNT, replace(OTHER, **changes)])
    (check,) = failures(broken).values()
    assert check.name == f"quantities stored = {place}"
    assert f"user_2 {meter}" in check.detail
    assert rolled_up[meter] in check.detail


@pytest.mark.parametrize("place", ["older_windows", "older_hours"])
def test_one_micro_unit_of_a_rollup_that_outlived_its_readings_is_found_and_named(place: str) -> None:
    days: dict[str, Any] = {place: USED, f"days_of_{place}": USED}
    outlived = replace(OTHER, **days)
    assert failures(replace(USAGE, accounts=[ACCOUNT, outlived])) == {}
    changes: dict[str, Any] = {place: {**USED, "cpu_seconds": one_unit_more(USED["cpu_seconds"])}}
    (check,) = failures(replace(USAGE, accounts=[ACCOUNT, replace(outlived, **changes)])).values()
    assert check.name == f"quantities in {place.replace('_', ' ')} = days"
    assert "user_2 cpu_seconds" in check.detail


def test_what_is_billed_is_all_that_was_used_whether_its_readings_are_kept_or_not() -> None:
    gone: dict[str, str] = {}
    aged = replace(OTHER, stored=gone, windows=gone, days=gone, hours=gone)
    assert failures(replace(USAGE, accounts=[ACCOUNT, aged])) == {}


def test_one_micro_unit_that_was_not_priced_is_found_and_named() -> None:
    (check,) = failures(billing=with_line(quantity="10.000001")).values()
    assert (check.name, "org_1 cpu_seconds" in check.detail) == ("quantities used = priced", True)


def test_a_payer_that_was_not_priced_at_all_is_found_and_named() -> None:
    third = replace(ACCOUNT, account_id="org_3")
    (check,) = failures(replace(USAGE, accounts=[*USAGE.accounts, third])).values()
    assert "org_3 cpu_seconds: 30.000001 and 0" in check.detail


def test_a_meter_without_a_price_is_not_missed() -> None:
    free = {**USED, "instance_seconds": "60"}
    metered = AccountFigures("org_1", free, free, free, free, free)
    assert failures(replace(USAGE, accounts=[metered, OTHER])) == {}


def test_one_micro_credit_charged_too_much_is_found_and_named() -> None:
    broken = failures(billing=with_line(charged="1.000001", posted="1.000001"))
    assert "org_1 2026-10 cpu_seconds: 1.000000 and 1.000001" in broken["price of usage = charges"].detail


def test_one_micro_credit_that_the_ledger_did_not_take_is_found_and_named() -> None:
    (check,) = failures(billing=with_line(posted="0.999999")).values()
    assert (check.name, "org_1 2026-10 cpu_seconds" in check.detail) == ("charges = posted", True)


@pytest.mark.parametrize("posted", ["4.000001", "3.999999"])
def test_one_micro_credit_between_billing_and_ledger_is_found_and_named(posted: str) -> None:
    (check,) = failures(ledger=replace(LEDGER, charges={**LEDGER.charges, "org_1": posted})).values()
    assert (check.name, check.detail) == ("charges = ledger", f"org_1: 4.000000 and {posted}")


def test_a_charge_to_nobody_that_billing_knows_is_found_and_named() -> None:
    (check,) = failures(ledger=replace(LEDGER, charges={**LEDGER.charges, "org_9": "0.000001"})).values()
    assert (check.name, check.detail) == ("charges = ledger", "org_9: 0 and 0.000001")


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("differing_accounts", "every balance = sum of its entries"),
        ("broken_entries", "every entry continues the one before"),
        ("unbalanced_transfers", "every transfer sums to zero"),
        ("differing_holds", "what is held = open holds"),
        ("out_of_range", "ledger accounts are in their ranges"),
        ("unmirrored_reversals", "reversals mirror transfers"),
        ("unsettled", "expired grants and holds are settled"),
        ("differing_terms", "terms = what transfers say"),
    ],
)
def test_what_the_ledger_finds_wrong_with_itself_is_named(field: str, name: str) -> None:
    wrong: dict[str, Any] = {field: ["customer:org_1", "a", "b", "c", "d"]}
    (check,) = failures(ledger=replace(LEDGER, **wrong)).values()
    assert (check.name, check.detail) == (name, "customer:org_1; a; b; 2 more")


def test_money_out_of_nothing_is_found() -> None:
    assert list(failures(ledger=replace(LEDGER, balances_sum="0.000001"))) == ["all balances sum to zero"]


@pytest.mark.parametrize("broken", [["batch 3 has another hash"], []])
def test_a_broken_chain_is_found(broken: list[str]) -> None:
    chain = replace(CHAIN, ok=False, broken=broken)
    assert list(failures(ledger=replace(LEDGER, chain=chain))) == ["chain of hashes is intact"]


def test_two_errors_that_cancel_each_other_are_two_errors() -> None:
    lines = list(BILLING.lines)
    lines[0], lines[1] = replace(lines[0], posted="2.000000"), replace(lines[1], posted="1.50")
    (check,) = failures(billing=replace(BILLING, lines=lines)).values()
    assert check.detail.count(" and ") == 2


def test_what_is_under_way_is_said_in_words() -> None:
    moving = unrest(replace(USAGE, pending_messages=2, dirty_windows=1_300), BILLING, replace(BILLING, moving=4))
    assert moving == "2 messages are not read yet, 1,300 windows are not rolled up yet, 4 charges are moving"
    assert unrest(USAGE, BILLING, BILLING) == ""


def test_readings_that_came_in_while_figures_were_taken_are_unrest() -> None:
    assert unrest(USAGE, replace(BILLING, cursor=6), BILLING) == "readings came in meanwhile"


figures = st.dictionaries(
    st.tuples(st.sampled_from(["org_1", "org_2"]), st.sampled_from(["cpu_seconds", "gpu_seconds"])),
    st.integers(min_value=-(10**24), max_value=10**24).map(lambda micros: Decimal(micros).scaleb(-6)),
)


@given(figures, figures)
def test_figures_compare_equal_exactly_when_they_are(
    left: dict[tuple[str, ...], Decimal], right: dict[tuple[str, ...], Decimal]
) -> None:
    def without_zeros(side: dict[tuple[str, ...], Decimal]) -> dict[tuple[str, ...], Decimal]:
        return {key: figure for key, figure in side.items() if figure}

    check = compare_figures("left = right", left, right)
    assert check.ok == (without_zeros(left) == without_zeros(right))
    assert check.ok == (check.detail == "")


def test_a_report_is_right_only_when_every_check_is() -> None:
    right, wrong = Check("a", True, "1", "1", ""), Check("b", False, "1", "2", "")
    assert Report((right, right)).ok
    assert not Report((right, wrong)).ok
