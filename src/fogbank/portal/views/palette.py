"""Where the palette can jump to: pages, ranges, instances, accounts, themes. Only what exists."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from fogbank.accounts.client import InstanceView
from fogbank.portal.model import Grouping, Range
from fogbank.portal.views.shell import ASIDE, NAVIGATION, SETTINGS, THEMES, AccountChoice, NavItem

INSTANCES_MAX = 500
NEW_ALERT = NavItem("plus", "New alert", "/alerts/new")
OWN = [item for item in SETTINGS if item.path not in {each.path for group in NAVIGATION for each in group.items}]
"""Settings that the navigation has not."""


@dataclass(frozen=True, slots=True)
class Jump:
    """One line: a place (`path`), or a `theme` to change to."""

    icon: str
    label: str
    kind: str
    path: str = ""
    theme: str = ""


def jumps(account: AccountChoice, choices: Sequence[AccountChoice], instances: Sequence[InstanceView]) -> list[Jump]:
    """All of them, pages first."""
    places = [*(item for group in NAVIGATION for item in group.items), NEW_ALERT, *ASIDE, *OWN]
    pages = [Jump(item.icon, item.label, "Page", item.path) for item in places]
    ranges = [
        Jump("calendar", f"{span.label}, by {grouping.label.lower()}", "Chart", _chart(account, span, grouping))
        for span in Range
        for grouping in Grouping
    ]
    machines = [Jump("server", each.name, "Instance", _row(account, each)) for each in instances[:INSTANCES_MAX]]
    others = [
        Jump("updown", choice.name, "Account", f"/usage?account={quote(choice.id)}")
        for choice in choices
        if choice.id != account.id
    ]
    themes = [Jump(symbol, label, "Theme", theme=value) for value, symbol, label in THEMES]
    return [*pages, *ranges, *machines, *others, *themes]


def _chart(account: AccountChoice, span: Range, grouping: Grouping) -> str:
    return f"/usage?{urlencode({'account': account.id, 'range': span.value, 'by': grouping.value})}"


def _row(account: AccountChoice, instance: InstanceView) -> str:
    query = urlencode({"account": account.id, "q": instance.id})
    return f"/usage?{query}#instance-{quote(instance.id)}"
