"""Logs: what sounds secret is left out, and what strangers send steers no terminal."""

import pytest

from fogbank.runtime.telemetry import HIDDEN, escape_controls, hide_secrets

NAMES = ["password", "new_password", "Authorization", "session_token", "API_KEY", "set-cookie"]


@pytest.mark.parametrize("name", NAMES)
def test_secrets_are_hidden_by_their_names(name: str) -> None:
    assert hide_secrets(None, "info", {"event": "x", name: "s3cret"}) == {"event": "x", name: HIDDEN}


@pytest.mark.parametrize(
    ("sent", "shown"), [("/a\x1b[2J", r"/a\x1b[2J"), ("/a\u202eb", r"/a\u202eb"), ("/ä b", "/ä b")]
)
def test_what_steers_a_terminal_is_written_by_its_number(sent: str, shown: str) -> None:
    assert escape_controls(None, "info", {"event": "request", "path": sent, "status": 404}) == {
        "event": "request",
        "path": shown,
        "status": 404,
    }
