"""`fogbank usage retention`: words become policies, and what goes is told in one sentence."""

from datetime import UTC, datetime

import pytest

from fogbank.cli.commands.usage_commands.retention import keep_of, told
from fogbank.cli.failures import Refused
from fogbank.usage.client.retention import ClassChange, DataClass, RetentionChange

NEEDED = datetime(2026, 10, 1, tzinfo=UTC)


def test_days_for_ever_and_the_default_are_understood_and_anything_else_is_misuse() -> None:
    assert [keep_of(word) for word in ("90", "forever", "default")] == [90, "forever", "default"]
    for word in ("90d", "-1", "", "½", "Forever"):
        with pytest.raises(Refused, match="say days, such as 90"):
            keep_of(word)


def test_what_goes_is_told_with_what_invoices_need() -> None:
    classes = [ClassChange(DataClass.READINGS, 12_000, 96_000), ClassChange(DataClass.HOURS, 0, 0)]
    change = RetentionChange(NEEDED, [], classes, [], [], has_more_payers=False)
    assert told(change, "went") == (
        "[name]12,000[/] rows of readings (96,000 bytes) went. Invoices may need all from 2026-10-01 on."
    )
    nothing = RetentionChange(None, [], [], [], [], has_more_payers=False)
    assert told(nothing, "would go") == "Nothing would go."
