"""Collectors: each knows a kind of instance, finds those that exist, and reads what they have used.

They are synchronous: a look at a thousand instances is milliseconds of reading files that the kernel makes up. A round
calls `discover` once, then `sample` for each instance; what is read once for all of them is read in `discover`.
"""

from collections.abc import Sequence
from typing import Protocol

from fogbank.compute.agent.model import Instance, Reading


class CollectorFailed(Exception):
    """Something could not be read, so there is no reading: the text names it and says why."""


class ExtraMissing(Exception):
    """Something needs a Python module that is not installed; the text is one sentence with what to do."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} cannot be measured before fogbank[{extra}] is installed, which brings the library.")


class Collector(Protocol):
    """A way to measure instances of one kind."""

    def discover(self) -> Sequence[Instance]:
        """The instances that exist now; `CollectorFailed` where that cannot be told.

        An instance bears the owner that its own labels or metadata name. Where they name nobody, its `user_id` is
        empty: whose it is then, and whether labels are believed at all, is decided for all collectors at once, in the
        metering.
        """
        ...

    def sample(self, instance: Instance) -> Reading:
        """A look at one of the discovered instances; `CollectorFailed` where any value is missing."""
        ...

    def close(self) -> None:
        """Give back the files that are held open."""
        ...
