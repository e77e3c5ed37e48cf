"""Webhooks: what they are told of, and who manages them. The words of the API, and those of people."""

from collections.abc import Mapping

from fogbank.accounts.client import Permission, allows

EVENTS: Mapping[str, str] = {
    "threshold_violation": "An alert fires",
    "threshold_cleared": "An alert is well again",
    "balance_low": "The balance runs low",
    "balance_exhausted": "The balance is used up",
    "balance_restored": "The balance is well again",
    "metrics": "Current usage, every half minute",
}
"""What one may subscribe to, in the order of the form."""

USUAL = frozenset(EVENTS) - {"metrics"}
TEST = "test"
NOT_REPLAYED = frozenset({"metrics"})


def manages(role: str, *, is_organization: bool, is_administrator: bool) -> bool:
    """Whether somebody of that role sees and changes the webhooks. The API decides; we do not offer in vain."""
    return is_administrator or not is_organization or allows(role, Permission.MANAGE_WEBHOOKS)


def event_label(name: str) -> str:
    return "Test" if name == TEST else EVENTS.get(name, name)
