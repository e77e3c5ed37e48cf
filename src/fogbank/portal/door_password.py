"""The page to choose a password at, which several links lead to."""

from dataclasses import dataclass

from fastapi import Request, Response

from fogbank.portal.door import Door
from fogbank.portal.door_words import UNAUTHORIZED
from fogbank.portal.refusals import Refusal


@dataclass(frozen=True, slots=True)
class PasswordWords:
    """What the page says; `spent` of a link that is not good, from which `elsewhere` leads on."""

    title: str
    lead: str
    action: str
    button: str
    spent: str
    elsewhere: str
    elsewhere_label: str


def choose_page(door: Door, request: Request, token: str, words: PasswordWords, refusal: Refusal) -> Response:
    """With a token that is not good there is no form: nothing could come of it."""
    is_spent = not token or refusal.status == UNAUTHORIZED
    return door.page(
        request,
        "door/choose_password.html",
        status=refusal.status,
        problem=words.spent if is_spent else refusal.whole,
        faults=refusal.fields,
        token="" if is_spent else token,
        words=words,
    )
