"""What all tests share: no deadlines, and golden files that one option brings up to date."""

from pathlib import Path

import pytest
from hypothesis import settings

# Hypothesis asserts nothing about time, which depends on who else uses the machine.
settings.register_profile("fogbank", deadline=None)
settings.load_profile("fogbank")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; see `make golden`")


@pytest.fixture(scope="session")
def golden_files() -> Path:
    """Where golden files are."""
    return Path(__file__).parent / "golden"
