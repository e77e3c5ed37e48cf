"""Logs: what sounds secret is left out."""

import pytest

from fogbank.runtime.telemetry import HIDDEN, hide_secrets

NAMES = ["password", "new_password", "Authorization", "session_token", "API_KEY", "set-cookie"]


@pytest.mark.parametrize("name", NAMES)
def test_secrets_are_hidden_by_their_names(name: str) -> None:
    assert hide_secrets(None, "info", {"event": "x", name: "s3cret"}) == {"event": "x", name: HIDDEN}
