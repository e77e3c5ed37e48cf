"""What notices say: plain sentences made of what their signals tell. Every value may be missing or strange."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Context, Decimal, InvalidOperation

from fogbank.kernel.money import MICROS_PER_CREDIT, NotMoney, credits_from_micros, micros_from_credits
from fogbank.notifications.model import EventType

MICROS_PER_CENT = MICROS_PER_CREDIT // 100
TITLE_CHARACTERS_MAX = 150
TWO_DIGITS = Context(prec=2)
HOURS_PER_DAY = 24

RESOURCES = {
    "cpu": "CPU",
    "memory": "Memory",
    "storage": "Storage",
    "network_egress": "Network egress",
    "network_ingress": "Network ingress",
    "gpu": "GPU",
    "spend": "Spending",
    "balance": "Balance",
    "runway": "Runway",
}
FALL_BELOW = frozenset({"balance", "runway"})
"""What is wrong when there is too little of it, not too much."""

ORDERS = {
    "throttle": "Its node has been told to throttle it.",
    "suspend": "Its node has been told to suspend it.",
}
"""What else a crossing leads to."""


@dataclass(frozen=True, slots=True)
class Words:
    """A title of one line, and a text of a few sentences."""

    title: str
    text: str


def words_of(event_type: EventType, data: Mapping[str, str], name: str, currency: str) -> Words:
    """What to say of it. `name` is what the account concerned is called, `currency` that of a credit."""
    said = SAID_OF[event_type](data, name, currency)
    return Words(one_line(said.title)[:TITLE_CHARACTERS_MAX], one_line(said.text))


def one_line(text: str) -> str:
    """`text` without line breaks and other unprintable characters, which have no business in a header or a title."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _low(data: Mapping[str, str], name: str, currency: str) -> Words:
    left = _money(data, "available", currency)
    lasts = _sentence(
        "At {} an hour that lasts until {}.", _rate(data, currency), _instant(data.get("runs_out_at", ""))
    )
    then = "Add credit before then, and nothing stops."
    text = " ".join(part for part in (_sentence("{} are left.", left), lasts, then if lasts else "Add credit.") if part)
    return Words(f"The credit of {name} is running low", text)


def _exhausted(data: Mapping[str, str], name: str, currency: str) -> Words:
    spent = _sentence("{} an hour are being spent.", _rate(data, currency))
    text = f"{spent} Add credit, or what runs may be stopped.".strip()
    return Words(f"The credit of {name} is used up", text)


def _violated(data: Mapping[str, str], name: str, _currency: str) -> Words:
    resource, what = _resource(data), data.get("instance_id") or name
    more = data.get("more", "0")
    if more.isdecimal() and int(more):
        many = f"{int(more):,} more crossings of the limit on {_within(resource)}"
        text = f"{_limit(data)} The crossings of one minute are told together where they are many."
        return Words(f"{name}: {many}", text.strip())
    side = "below" if data.get("resource_type") in FALL_BELOW else "above"
    orders = ORDERS.get(data.get("action", ""), "") if data.get("instance_id") else ""
    text = " ".join(part for part in (_value(data), _limit(data), orders) if part)
    return Words(f"{resource} of {what} is {side} its limit", text)


def _cleared(data: Mapping[str, str], name: str, _currency: str) -> Words:
    what = data.get("instance_id") or name
    text = " ".join(part for part in (_value(data), _limit(data)) if part)
    return Words(f"{_resource(data)} of {what} is within its limit again", text)


def _restored(data: Mapping[str, str], name: str, currency: str) -> Words:
    left = _sentence("{} are left.", _money(data, "available", currency))
    return Words(f"The credit of {name} is well again", left or "There is enough credit again.")


def _account_suspended(_data: Mapping[str, str], name: str, _currency: str) -> Words:
    text = "It can be read and paid for; nothing new is made until it is restored. Ask who runs this service why."
    return Words(f"{name} is suspended", text)


def _account_restored(_data: Mapping[str, str], name: str, _currency: str) -> Words:
    return Words(f"{name} is served again", "Everything is as it was before it was suspended.")


def _account_closed(_data: Mapping[str, str], name: str, _currency: str) -> Words:
    text = "Its keys and service accounts hold no longer. Its owners and those who paid for it can still read it."
    return Words(f"{name} is closed", text)


SAID_OF: Mapping[EventType, Callable[[Mapping[str, str], str, str], Words]] = {
    EventType.THRESHOLD_VIOLATION: _violated,
    EventType.THRESHOLD_CLEARED: _cleared,
    EventType.BALANCE_LOW: _low,
    EventType.BALANCE_EXHAUSTED: _exhausted,
    EventType.BALANCE_RESTORED: _restored,
    EventType.ACCOUNT_SUSPENDED: _account_suspended,
    EventType.ACCOUNT_RESTORED: _account_restored,
    EventType.ACCOUNT_CLOSED: _account_closed,
}
"""What is told by signals, and how."""


def _resource(data: Mapping[str, str]) -> str:
    named = data.get("resource_type", "")
    return RESOURCES.get(named, named or "Something")


def _within(resource: str) -> str:
    """The resource's name inside a sentence: `memory`, but `CPU`."""
    return resource if resource.isupper() else resource[:1].lower() + resource[1:]


def _value(data: Mapping[str, str]) -> str:
    value = data.get("value", "")
    return _sentence("It is {} now.", _measured(value, data)) if value else ""


def _limit(data: Mapping[str, str]) -> str:
    limit = data.get("threshold_value", "")
    return _sentence("The limit is {}.", _measured(limit, data)) if limit else ""


def _measured(amount: str, data: Mapping[str, str]) -> str:
    """The amount with its units, as exact as people want it: a part of a day is hours."""
    units = data.get("units", "")
    try:
        number = Decimal(amount)
        if units == "days" and abs(number) < 1:
            number, units = number * HOURS_PER_DAY, "hours"
        return f"{_rounded(number)} {units}".strip()
    except InvalidOperation:
        return f"{amount} {units}".strip()


def _rounded(number: Decimal) -> str:
    """At two decimals, or below one at two digits that say something, without zeros at its end."""
    rounded = round(number, 2) if abs(number) >= 1 else number.normalize(TWO_DIGITS)
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sentence(form: str, *values: str) -> str:
    """`form` with the values, or nothing where one of them is missing."""
    return form.format(*values) if all(values) else ""


def _money(data: Mapping[str, str], key: str, currency: str) -> str:
    """The amount with its currency, to the cent where that leaves anything of it; empty where there is none."""
    text = data.get(key, "")
    try:
        micros = micros_from_credits(text)
    except NotMoney:
        return ""
    cents = micros // MICROS_PER_CENT * MICROS_PER_CENT
    return f"{credits_from_micros(cents or micros)} {currency}"


def _rate(data: Mapping[str, str], currency: str) -> str:
    """What is spent in an hour; empty where nothing is."""
    per_hour = _money(data, "per_hour", currency)
    return "" if per_hour.startswith("0.00 ") else per_hour


def _instant(text: str) -> str:
    """An instant as people write one, in UTC; empty where it is none."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return f"{instant.astimezone(UTC):%-d %B %Y, %H:%M} UTC" if instant.tzinfo else ""
