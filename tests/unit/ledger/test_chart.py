"""The chart of accounts: one, whole, and written down."""

from pathlib import Path

from fogbank.accounts.ledger.chart import OWNED_RANGES, SYSTEM_RANGES, range_of
from fogbank.accounts.ledger.model import (
    SYSTEM_ACCOUNTS,
    GrantKind,
    Kind,
    arrears_name,
    customer_name,
    earnings_name,
    grant_name,
)

DOCS = (Path(__file__).parents[3] / "docs" / "ledger.md").read_text()


def test_every_ledger_account_is_in_the_chart_and_in_the_docs() -> None:
    assert set(SYSTEM_RANGES) == SYSTEM_ACCOUNTS
    for name in SYSTEM_RANGES:
        assert f"| `{name}` |" in DOCS
    for kind in OWNED_RANGES:
        assert f"| `{kind}:<" in DOCS


def test_every_kind_of_transfer_is_in_the_docs() -> None:
    for kind in Kind:
        assert f"`{kind}`" in DOCS


def test_the_limits_in_the_docs_are_those_of_the_chart() -> None:
    rows = {line.split("`")[1]: line.split("|")[-2] for line in DOCS.splitlines() if line.startswith("| `")}
    for name, (least, most) in SYSTEM_RANGES.items():
        assert ("never below 0" in rows[name]) == (least == 0)
        assert ("never above 0" in rows[name]) == (most == 0)


def test_each_name_has_the_range_of_its_kind() -> None:
    assert range_of(grant_name("a:b"))[0] == 0
    assert range_of(earnings_name("op"))[0] == 0
    assert range_of(arrears_name("org_a"))[1] == 0
    assert range_of(customer_name("org_a")) == range_of("revenue")


def test_time_can_never_be_refused() -> None:
    # What expires only adds, so what takes it must have no upper limit.
    for kind in GrantKind:
        assert SYSTEM_RANGES[kind.remainder][1] > 0
