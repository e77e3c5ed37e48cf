"""What the audit compares."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """One payer's quantities, added up in places that must agree, as decimal strings by meter.

    `stored`, `windows`, `days` and `hours` are of the time whose readings are kept, and all four agree. Before that,
    `older_windows` and `older_hours`, as far back as each is kept, agree with the days of the same time. `used` is all
    of the days, which are kept for ever: what bills are made from.
    """

    account_id: str
    stored: dict[str, str]
    windows: dict[str, str]
    days: dict[str, str]
    hours: dict[str, str]
    used: dict[str, str]
    older_windows: dict[str, str] = field(default_factory=dict)
    days_of_older_windows: dict[str, str] = field(default_factory=dict)
    older_hours: dict[str, str] = field(default_factory=dict)
    days_of_older_hours: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UsageFigures:
    """What the audit compares.

    `accepted_events` are the distinct identities among the valid events that the queue still holds, decoded anew;
    `accepted_stored` is how many of those the store has with the same content. Events are of the time whose readings
    are kept. `pending_messages` are not read yet, and `dirty_windows` not rolled up yet: while either is not zero the
    sides may differ without anything being wrong.
    """

    accepted_events: int
    accepted_stored: int
    stored_events: int
    window_events: int
    hour_events: int
    pending_messages: int
    dirty_windows: int
    accounts: list[AccountFigures]
