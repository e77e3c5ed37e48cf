"""What the audit compares."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """One payer's quantities, added up in four places that must agree, as decimal strings by meter."""

    account_id: str
    stored: dict[str, str]
    windows: dict[str, str]
    days: dict[str, str]
    hours: dict[str, str]


@dataclass(frozen=True, slots=True)
class UsageFigures:
    """What the audit compares.

    `accepted_events` are the distinct identities among the valid events that the queue still holds, decoded anew;
    `accepted_stored` is how many of those the store has with the same content. `pending_messages` are not read yet, and
    `dirty_windows` not rolled up yet: while either is not zero the sides may differ without anything being wrong.
    """

    accepted_events: int
    accepted_stored: int
    stored_events: int
    window_events: int
    hour_events: int
    pending_messages: int
    dirty_windows: int
    accounts: list[AccountFigures]
