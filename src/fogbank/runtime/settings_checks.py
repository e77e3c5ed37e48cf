"""What a setting may be: its purpose for people, and the checks that refuse a value in words."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fogbank.kernel.ids import is_id
from fogbank.kernel.money import NotMoney, micros_from_credits
from fogbank.kernel.networks import networks_of

CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)

Check = Callable[[Any], str | None]
"""What a value must be, where it is not; None when it is."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known about a setting besides its type and default."""

    purpose: str
    check: Check | None = None
    is_secret: bool = False


ABOUT = "about"


def setting(default: Any, purpose: str, check: Check | None = None, *, is_secret: bool = False) -> Any:
    return field(default=default, metadata={ABOUT: About(purpose, check, is_secret)})


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """From `least` to `most`, both included."""

    least: int
    most: int

    def __call__(self, value: int) -> str | None:
        is_right = self.least <= value <= self.most
        return None if is_right else f"must be a whole number from {self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some words."""

    choices: tuple[str, ...]

    def __call__(self, value: str) -> str | None:
        return None if value in self.choices else f"must be one of {', '.join(self.choices)}"


def whole_number(least: int, most: int) -> WholeNumber:
    return WholeNumber(least, most)


def one_of(*choices: str) -> OneOf:
    return OneOf(choices)


def url_of(*schemes: str) -> Check:
    """A URL of one of the schemes; empty is allowed and means: there is none."""

    def check(value: str) -> str | None:
        is_right = not value or (urlsplit(value).scheme in schemes and "://" in value)
        return None if is_right else f"must be a URL that begins with {' or '.join(s + '://' for s in schemes)}"

    return check


def existing_file(value: Path | None) -> str | None:
    return None if value is None or value.is_file() else "must be a file that exists"


def an_id(value: str) -> str | None:
    return None if not value or is_id(value) else "must be 1 to 128 of letters, digits and _ . : -"


def an_address(value: str) -> str | None:
    name, at, host = value.partition("@")
    return None if name and at and host and value.isprintable() and " " not in value else "must be an e-mail address"


def a_mailbox(value: str) -> str | None:
    """An address, or a name with the address in angle brackets."""
    _, address = parseaddr(value)
    is_right = bool(address) and value.isprintable() and an_address(address) is None and address in value
    return None if is_right else "must be an e-mail address, or such as Fogbank <billing@example.com>"


def a_host(value: str) -> str | None:
    is_right = value.isprintable() and not any(letter in value for letter in " /@")
    return None if is_right else "must be the name or the address of a host"


def some_networks(value: tuple[str, ...]) -> str | None:
    try:
        networks_of(value)
    except ValueError:
        return "must be networks such as 10.1.0.0/16 or fd00::/8"
    return None


def some_text(value: str) -> str | None:
    return None if value.strip() and value.isprintable() else "must be a name"


def an_amount(value: str) -> str | None:
    try:
        return None if micros_from_credits(value) >= 0 else "must not be negative"
    except NotMoney as error:
        return str(error)


def a_currency(value: str) -> str | None:
    return None if CURRENCY.fullmatch(value) else "must be three capitals, such as EUR"
