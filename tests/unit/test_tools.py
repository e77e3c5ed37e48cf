"""A test that lacks a tool is skipped, and fails where the tool was promised."""

import pytest
from tests.tools import REQUIRED_BY, needs_module, needs_tool


def test_what_is_there_lets_the_test_go_on() -> None:
    assert needs_tool("sh").endswith("/sh")
    needs_module("json")


def test_what_is_missing_skips_the_test_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRED_BY, raising=False)
    with pytest.raises(pytest.skip.Exception, match="'no-such-tool' is not installed here"):
        needs_tool("no-such-tool")


def test_what_is_missing_fails_the_test_where_it_was_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRED_BY, "required")
    with pytest.raises(pytest.fail.Exception, match="no_such_module"):
        needs_module("no_such_module")
