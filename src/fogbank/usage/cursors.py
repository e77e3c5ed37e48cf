"""Cursors: where a page ended, as a text that only we read."""

import base64
from typing import Any, TypeVar

from msgspec.json import Decoder, encode

from fogbank.usage.errors import NotAllowed

T = TypeVar("T")


def cursor_of(place: Any) -> str:
    """Where a page ended, for the next request."""
    return base64.urlsafe_b64encode(encode(place)).decode().rstrip("=")


def place_of(cursor: str, decoder: Decoder[T]) -> T:
    """Where the page before ended; `NotAllowed` where the cursor is not one of ours."""
    try:
        return decoder.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise not_given_out() from None


def not_given_out() -> NotAllowed:
    return NotAllowed("after", "is not one that was given out; start over without it")
