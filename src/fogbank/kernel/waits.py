"""Waits that double: between attempts that fail, and after wrong guesses."""

from datetime import timedelta
from typing import TypeVar

Length = TypeVar("Length", float, timedelta)

DOUBLINGS_MAX = 24
"""No wait of ours begins so short that it is not at its longest by then, or so long that it cannot be written down."""


def doubled(least: Length, times: int, most: Length) -> Length:
    """The least, doubled so many times, but no longer than the most."""
    return min(least * (1 << min(max(0, times), DOUBLINGS_MAX)), most)
