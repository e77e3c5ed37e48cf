"""Kinds of text and instants that routes take, checked before anything else sees them."""

from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]
"""An id as `kernel.ids` has them, in a path, a query or a body."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
"""What people call something: up to 200 printable characters."""


Address = Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9A-Za-z.:%_-]*$")]
"""A network address, as far as its form tells; empty where there is none."""


def _plain_letters(text: str) -> str:
    """No letter that lower case makes another's, as it makes `i` of `İ`: one address here would be another there.

    Nor one whose lower case depends on where it stands, as that of `Σ` does here, and does not in PostgreSQL.
    """
    is_others = any(letter != letter.lower() and letter.lower().upper() != letter for letter in text)
    if is_others or text.lower() != "".join(letter.lower() for letter in text):
        raise ValueError("must have no letters that are others' in lower case")
    return text


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$"),
    AfterValidator(_plain_letters),
]
"""An e-mail address, as far as its form tells; only a message proves it."""

Secret = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00]+$")]
"""A password, a key or a token, as its holder sends it."""


def in_utc(instant: datetime) -> datetime:
    """The same instant in UTC, since PostgreSQL reads no offset of 16 hours or more.

    `ValueError` at the calendar's ends: PostgreSQL's calendar is wider than Python's, whose ends shift out of it by
    a timezone.
    """
    if not MINYEAR < instant.year < MAXYEAR:
        raise ValueError("must be an instant of the years 2 to 9998")
    return instant.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(in_utc)]
"""An instant with its time zone, as it was in UTC."""
