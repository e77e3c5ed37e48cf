"""A server that does not start says why in words of one sentence."""

import pytest

from fogbank.runtime.failures import reason_in


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (
            "2026 LOG:  starting\n2026 FATAL:  could not create lock file: No space left on device\n2026 LOG: down\n",
            "could not create lock file: No space left on device",
        ),
        ("[1] [INF] Starting\n[1] [FTL] Can't start JetStream: no space\n", "Can't start JetStream: no space"),
        ("\x1b[31mfogbank: http.port is 'x'.\x1b[0m\n", "http.port is 'x'"),
        ("something\nlast words\n", "last words"),
        ("", "it wrote nothing to its log"),
    ],
)
def test_the_reason_is_the_last_line_that_names_an_error(log: str, reason: str) -> None:
    assert reason_in(log) == reason
