"""Who somebody is in which organisations, as they read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fogbank.accounts.client import BelongingView

CLOSED, SUSPENDED = "closed", "suspended"


@dataclass(frozen=True, slots=True)
class Membership:
    """One organisation. `note` says why one cannot act there now as one's role says; `leave` is where one leaves."""

    id: str
    name: str
    initial: str
    role: str
    status: str
    note: str
    needs_factor: bool
    leave: str


def memberships(belongings: Sequence[BelongingView]) -> list[Membership]:
    """By name."""
    return [_membership(each) for each in sorted(belongings, key=lambda each: each.name.casefold())]


def _membership(belonging: BelongingView) -> Membership:
    return Membership(
        id=belonging.org_id,
        name=belonging.name,
        initial=belonging.name[:1].upper(),
        role=belonging.role.capitalize(),
        status=belonging.status if belonging.status in (CLOSED, SUSPENDED) else "",
        note=_note(belonging),
        needs_factor=belonging.needs_second_factor,
        leave=f"/settings/leave/{quote(belonging.org_id)}",
    )


def _note(belonging: BelongingView) -> str:
    if belonging.needs_second_factor:
        return "It takes a second factor, and you have none yet. Set one up, and it opens."
    if belonging.status == SUSPENDED:
        return f"It is suspended: you can read and pay there as {belonging.counts_as or belonging.role}."
    if belonging.status == CLOSED:
        return "It is closed for good." if belonging.counts_as is None else "It is closed: you can read what it was."
    return ""
