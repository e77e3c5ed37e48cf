"""What some tests need of the machine. Elsewhere they are skipped, with one sentence why.

Where TOOLS_ARE says `required`, as it does in continuous integration, they fail instead: nothing that was installed to
be tested goes untested unseen. Call these at the top of a fixture, or of a test.
"""

import importlib.util
import os
import shutil
from typing import NoReturn

import pytest

REQUIRED_BY = "TOOLS_ARE"
"""Not FOGBANK_…: Fogbank refuses variables of that name that are no settings."""


def needs_root() -> None:
    """Go on as root only."""
    if os.geteuid() != 0:
        lacks("only root may do what this test does")


def needs_tool(name: str) -> str:
    """The path of a program; skip or fail where it is not installed."""
    return shutil.which(name) or lacks(f"'{name}' is not installed here")


def needs_module(name: str) -> None:
    """Go on where a Python module of an extra is installed."""
    if importlib.util.find_spec(name) is None:
        lacks(f"the Python module '{name}' is not installed here")


def lacks(what: str) -> NoReturn:
    """Skip or fail because of what this machine cannot do, said in one sentence without its full stop."""
    if os.environ.get(REQUIRED_BY) == "required":
        pytest.fail(f"{what}, and {REQUIRED_BY} says that it must be")
    pytest.skip(what)
