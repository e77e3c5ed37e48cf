"""What cannot be taken back is asked twice: one page for all of it, which posts to its own address."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sure:
    """`title` asks, `text` says what follows, `act` is on the button; `back` is where one goes who would rather not.

    With `typed`, a name has to be typed; `problem` says why it was not done.
    """

    title: str
    text: str
    act: str
    back: str
    keep: str = "Keep it"
    typed: str = ""
    problem: str = ""
    is_possible: bool = True
