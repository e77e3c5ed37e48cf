"""What stands where an answer would: not there yet, or not to be had."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Missing:
    """A component did not answer. `is_late` when it may still: the page asks again by itself."""

    component: str
    is_late: bool

    @property
    def sentence(self) -> str:
        """For people: who does not answer, and that nothing else depends on it."""
        return f"{self.component} does not answer at the moment."
