"""Whatever may be expected to fail is told in one sentence, with its exit code; our own mistakes are not hidden."""

import errno
from pathlib import Path

import pytest

from fogbank.billing.rules.price_book import PriceBookUnreadable
from fogbank.cli.failures import NothingRuns
from fogbank.cli.sentences import sentence_for
from fogbank.cli.terminal import FAILED, MISUSED, as_sentence
from fogbank.queue.client import QueueUnavailable
from fogbank.runtime.problems import Problem
from fogbank.runtime.settings_sources import SettingWrong


@pytest.mark.parametrize(
    ("error", "sentence", "code"),
    [
        (SettingWrong("http.port is wrong."), "http.port is wrong.", MISUSED),
        (PriceBookUnreadable("the price book x cannot be read"), "The price book x cannot be read.", MISUSED),
        (Problem(402, "balance-too-low", "The balance is too low."), "The balance is too low.", FAILED),
        (Problem(422, "reason-needed", "An administrator says why."), "An administrator says why.", MISUSED),
        (QueueUnavailable("'usage.v1.a' was not confirmed"), "The queue does not answer: ", FAILED),
        (
            NothingRuns(Path("/srv")),
            "Nothing runs in /srv; start it with `fogbank up`, or name it with FOGBANK_DATA.",
            FAILED,
        ),
        (OSError(errno.ENOSPC, "No space left on device", "/srv/x"), "The disk is full (/srv/x); ", FAILED),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/x"), "/srv/x: permission denied.", FAILED),
        (ExceptionGroup("tasks", [ValueError(), SettingWrong("http.port is wrong.")]), "http.port is wrong.", MISUSED),
    ],
)
def test_an_expected_failure_is_one_sentence(error: Exception, sentence: str, code: int) -> None:
    known = sentence_for(error)
    assert known is not None
    assert known[0].startswith(sentence)
    assert "\n" not in known[0]
    assert known[1] == code


def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    assert sentence_for(ZeroDivisionError()) is None


def test_a_sentence_is_one_line_with_a_capital_and_one_full_stop() -> None:
    assert as_sentence("value error, \n  'x' is wrong..") == "Value error, 'x' is wrong."
    assert as_sentence("Value error, it is wrong") == "It is wrong."
