"""Why the door stays shut: plain words, what to do next, and nothing about who has an account."""

import pytest

from fogbank.accounts.rules import PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN
from fogbank.portal.assets import ROOT
from fogbank.portal.door_words import AWAY, FIELDS, NO_SUCH_PAIR, door_refusal, wait_told, why_shut
from fogbank.runtime.problems import Problem


def throttled(retry_after: str) -> Problem:
    return Problem(429, "too-many-attempts", "No.", headers={"retry-after": retry_after})


def test_which_of_address_and_password_was_wrong_is_told_to_nobody() -> None:
    assert why_shut(Problem(401, "wrong-credentials", "no"), NO_SUCH_PAIR) == NO_SUCH_PAIR


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        ("1", "in 1 second"),
        ("30", "in 30 seconds"),
        ("90", "in 90 seconds"),
        ("91", "in 2 minutes"),
        ("3600", "in 60 minutes"),
        ("5401", "in 2 hours"),
        ("86400", "in 24 hours"),
        ("", "in a minute"),
        ("Wed, 25 Nov", "in a minute"),
    ],
)
def test_how_long_to_wait_is_told_as_people_count(seconds: str, told: str) -> None:
    assert wait_told(throttled(seconds)) == told
    assert why_shut(throttled(seconds), "") == f"Too many attempts. Try again {told}."


def test_what_is_away_is_not_the_persons_fault_and_a_missing_mail_server_is_named() -> None:
    assert why_shut(Problem(503, "service-unavailable", "http://127.0.0.1 does not answer"), "") == AWAY
    assert why_shut(Problem(503, "no-mail", "No e-mail can be sent."), "") == "No e-mail can be sent."


def test_whatever_else_is_refused_is_said_as_the_component_says_it() -> None:
    assert why_shut(Problem(403, "not-admitted", "There is no account for you."), "") == "There is no account for you."


def test_a_weak_password_is_said_at_its_field_and_the_rest_stays() -> None:
    refusal = door_refusal(Problem(422, "weak-password", "It repeats itself."), "")
    assert (refusal.status, refusal.whole, refusal.fields) == (422, "", {"password": "It repeats itself."})


def test_a_field_that_is_no_address_is_said_in_words_and_not_as_a_pattern() -> None:
    fault = {"field": "body.email", "reason": "string should match pattern '^[^@]+$'"}
    refusal = door_refusal(Problem(422, "invalid-request", "No.", extra={"errors": [fault]}), "")
    assert refusal.fields == {"email": FIELDS["email"]}
    assert refusal.whole == ""


def test_a_fault_that_no_field_has_is_said_above_everything() -> None:
    fault = {"field": "body.token", "reason": "too short"}
    refusal = door_refusal(Problem(422, "invalid-request", "Something is wrong.", extra={"errors": [fault]}), "")
    assert (refusal.whole, refusal.fields) == ("Something is wrong.", {})


def test_the_page_says_the_shortest_and_longest_password_that_there_is() -> None:
    macros = (ROOT.parent / "templates" / "door" / "macros.html").read_text()
    assert f"{PASSWORD_CHARACTERS_MIN} characters or more" in macros
    assert f"1 to {PASSWORD_CHARACTERS_MAX} characters" in FIELDS["password"]
