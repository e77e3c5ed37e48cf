"""What an account has now, as its holder reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from fogbank.accounts.ledger.client import BalanceView, HoldsView
from fogbank.accounts.ledger.client.balances import GrantView
from fogbank.accounts.ledger.client.holds import HoldView
from fogbank.kernel.money import micros_from_credits
from fogbank.portal.formats import Formats
from fogbank.portal.model import WARN_DAYS
from fogbank.portal.rules.runway import runway_words, urgency
from fogbank.portal.rules.transfers import HOLD_STATES
from fogbank.portal.views.ages import full_moment, moment
from fogbank.portal.views.credit.amounts import exact, exact_of

SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Card:
    """One figure and the sentence below it; `pill` says how urgent it is."""

    id: str
    title: str
    value: str
    note: str
    pill: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Credit in the order in which it burns; `until` is empty for what has no end."""

    place: int
    name: str
    note: str
    remaining: str
    until: str
    is_soon: bool
    path: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Credit that is reserved, or was."""

    id: str
    memo: str
    amount: str
    detail: str
    state: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """All that the page says of it."""

    cards: Sequence[Card]
    sources: Sequence[Source]
    arrears: str
    is_frozen: bool


def balance_of(view: BalanceView, now: datetime, formats: Formats) -> Balance:
    return Balance(
        cards=[_available(view, formats), _held(view, formats), _floor(view, formats), _runway(view, formats)],
        sources=_sources(view, now, formats),
        arrears=exact_of(view.arrears, formats) if micros_from_credits(view.arrears) else "",
        is_frozen=view.is_frozen,
    )


def _available(view: BalanceView, formats: Formats) -> Card:
    note = f"of a balance of {exact_of(view.balance, formats)}"
    return Card("available", "Available now", formats.money(micros_from_credits(view.available)), note)


def _held(view: BalanceView, formats: Formats) -> Card:
    note = "reserved, and free again if it is not taken" if micros_from_credits(view.held) else "nothing is reserved"
    return Card("held", "Held", formats.money(micros_from_credits(view.held)), note)


def _floor(view: BalanceView, formats: Formats) -> Card:
    floor = micros_from_credits(view.floor)
    note = "your credit limit: spending goes that far" if floor else "spending stops when nothing is left"
    return Card("floor", "Floor", exact(floor, formats), note)


def _runway(view: BalanceView, formats: Formats) -> Card:
    if view.runway is None:
        return Card("runway", "Runway", "—", "nothing was spent of late")
    hours = round(view.runway.measured_seconds / 3600)
    spent = formats.money(micros_from_credits(view.runway.spent))
    since = f"at {spent} in the last {'hour' if hours == 1 else f'{hours} hours'}"
    if not view.runway.seconds:
        return Card("runway", "Runway", "none", since, "used up", _tone(0))
    words = runway_words(view.runway.seconds)
    return Card("runway", "Runway", words.removesuffix(" left"), since, "runs low", _tone(view.runway.seconds))


def _tone(seconds: int) -> str:
    return str(urgency(seconds, WARN_DAYS).value)


def _sources(view: BalanceView, now: datetime, formats: Formats) -> list[Source]:
    """Grants in the order in which they burn, then own credit."""
    given = [_grant(place, grant, view, now, formats) for place, grant in enumerate(view.grants, 1)]
    own = micros_from_credits(view.balance) - sum(micros_from_credits(grant.remaining) for grant in view.grants)
    note = f"{exact_of(view.held, formats)} of it is held" if micros_from_credits(view.held) else "what was paid in"
    return [*given, Source(len(given) + 1, "Own credit", note, exact(own, formats), "", False, "")]


def _grant(place: int, grant: GrantView, view: BalanceView, now: datetime, formats: Formats) -> Source:
    ends = grant.expires_at
    return Source(
        place=place,
        name="Paid credit" if grant.kind == "paid" else "Promotional credit",
        note=f"priority {grant.priority}",
        remaining=exact_of(grant.remaining, formats),
        until=f"until {full_moment(ends, formats)}" if ends else "",
        is_soon=ends is not None and (ends - now).days < SOON_DAYS,
        path=f"/credit/transfer?{urlencode({'account': view.account_id, 'id': grant.id})}",
    )


def hold_rows(view: HoldsView, formats: Formats) -> list[Hold]:
    """The latest first."""
    return [_hold(each, formats) for each in view.holds]


def _hold(hold: HoldView, formats: Formats) -> Hold:
    is_open = hold.ended_at is None
    ends = moment(hold.ended_at or hold.expires_at, formats)
    taken = f" · {exact_of(hold.captured, formats)} was taken" if micros_from_credits(hold.captured) else ""
    return Hold(
        id=hold.id,
        memo=hold.memo or hold.id,
        amount=exact_of(hold.amount, formats),
        detail=f"since {moment(hold.placed_at, formats)} · {'until' if is_open else 'ended'} {ends}{taken}",
        state=HOLD_STATES.get(hold.state, hold.state),
        is_open=is_open,
    )
