"""What all tests share: no deadlines, and golden files that one option brings up to date."""

import logging
from pathlib import Path

import pytest
import structlog
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


@pytest.fixture(autouse=True)
def _every_level() -> None:
    """Each test hears all that is logged, whatever level was set by a command that ran in this process before."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET))
