"""Why the door stays shut, in plain words, and what to do next. Nothing here tells whose address has an account."""

from math import ceil

from fogbank.portal.refusals import Refusal
from fogbank.runtime.problems import Problem

UNAUTHORIZED = 401
TOO_MANY = 429
SERVER_ERROR = 500
SECONDS_TOLD_MAX = 90
MINUTES_TOLD_MAX = 90

NO_SUCH_PAIR = (
    "This e-mail address and password do not belong together, or the account is suspended. Try again, or ask "
    "an administrator."
)
LINK_SPENT = "This link was used already, or is too old. Sign in with your password, or ask for a new link."
WRONG_PASSKEY = "This passkey opens no account here. Sign in in another way."
STEP_ENDED = "The second step took longer than five minutes, or too many tries. Begin again."
FLOW_ENDED = "This sign-in was not begun in this browser, or took longer than ten minutes. Begin again."
AWAY = "Signing in does not work at the moment. Nothing is lost; try again soon."


FIELDS = {
    "email": "This is not a whole e-mail address.",
    "name": "A name has 1 to 200 characters.",
    "password": "A password has 1 to 1024 characters.",
}
"""What is wrong with a field whose form alone is refused."""


def why_shut(problem: Problem, unauthorized: str) -> str:
    """What to say of `problem`; `unauthorized` where the credentials that were shown are not good."""
    if problem.kind == "wrong-credentials":
        return unauthorized
    if problem.status == TOO_MANY:
        return f"Too many attempts. Try again {wait_told(problem)}."
    return AWAY if problem.status >= SERVER_ERROR and problem.kind != "no-mail" else problem.detail


def wait_told(problem: Problem) -> str:
    """How long to wait, as far as it says so."""
    told = problem.headers.get("retry-after", "")
    if not told.isdecimal():
        return "in a minute"
    seconds = int(told)
    if seconds <= SECONDS_TOLD_MAX:
        return f"in {seconds} {_plural(seconds, 'second')}"
    minutes = ceil(seconds / 60)
    if minutes <= MINUTES_TOLD_MAX:
        return f"in {minutes} minutes"
    return f"in {ceil(minutes / 60)} hours"


def _plural(count: int, word: str) -> str:
    return word if count == 1 else f"{word}s"


def door_refusal(problem: Problem, unauthorized: str) -> Refusal:
    """What a form of the door says of `problem`: at its field where there is one, else above everything."""
    if problem.kind == "weak-password":
        return Refusal(problem.status, fields={"password": problem.detail})
    named = [str(each.get("field", "")).rpartition(".")[2] for each in problem.extra.get("errors", ())]
    fields = {name: FIELDS[name] for name in named if name in FIELDS}
    return Refusal(problem.status, "" if fields else why_shut(problem, unauthorized), fields)
