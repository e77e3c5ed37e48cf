"""The header by which an administrator says why: `Fogbank-Reason`, 1 to 1000 printable characters, in UTF-8."""

from typing import Annotated

from fastapi import Depends, Header

from fogbank.runtime.problems import Problem

REASON_HEADER = "Fogbank-Reason"
REASON_CHARACTERS_MAX = 1000
UTF8_BYTES_MAX = 4
"""Of one character."""

_AS_SENT = rf"^[^\x00-\x1f\x7f]{{1,{REASON_CHARACTERS_MAX * UTF8_BYTES_MAX}}}$"


async def given_reason(
    fogbank_reason: Annotated[
        str | None,
        Header(alias=REASON_HEADER, pattern=_AS_SENT, description="Why; administrators say so of others' things."),
    ] = None,
) -> str:
    """The reason, empty where none was given; `Problem` 422 for one that is too long or not printable."""
    reason = _as_meant(fogbank_reason or "").strip()
    if len(reason) > REASON_CHARACTERS_MAX or not reason.isprintable():
        detail = f"Give the reason in at most {REASON_CHARACTERS_MAX} printable characters."
        fault = {"field": f"header.{REASON_HEADER}", "reason": "must be printable and not too long"}
        raise Problem(422, "invalid-request", detail, extra={"errors": [fault]})
    return reason


GivenReason = Annotated[str, Depends(given_reason)]
"""What a route declares to be given the reason."""


def reason_header(reason: str) -> dict[str, bytes]:
    """The header that says `reason`, for a client to send."""
    return {REASON_HEADER: reason.encode()}


def _as_meant(value: str) -> str:
    """Headers are read as Latin-1; who sends more than ASCII means UTF-8, unless it is none."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
