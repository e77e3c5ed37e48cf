"""Kinds of text that mending's routes take."""

from typing import Annotated

from fastapi import Depends, Header
from pydantic import AwareDatetime, StringConstraints

from fogbank.kernel.periods import microseconds_of
from fogbank.runtime.http.caller import require_scope
from fogbank.usage.errors import NotAllowed

WRITE = [Depends(require_scope("usage:write"))]
READ = [Depends(require_scope("usage:read"))]

Reason = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,500}$")]
"""Why an administrator does something: a line of text, never empty."""

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9_.:-]{0,128}$",
        description="A name for this act: the same name again is the same act.",
    ),
]

YEARS = range(1971, 2200)
"""What readings can be of."""


def instant_us_of(field: str, at: AwareDatetime) -> int:
    """The instant in microseconds; `NotAllowed` where no reading can be of it."""
    if at.year not in YEARS:
        raise NotAllowed(field, f"must be in a year from {YEARS[0]} to {YEARS[-1]}")
    return microseconds_of(at)
