"""Refusals of the commands themselves. What everything else may raise is turned into words in `sentences`."""

from pathlib import Path

from fogbank.cli.terminal import FAILED


class Refused(Exception):
    """A command that cannot be done as asked; the text is the sentence for the user."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.code = code


class NothingRuns(Refused):
    """A command that asks a running system, where there is none."""

    def __init__(self, data: Path) -> None:
        super().__init__(f"Nothing runs in {data}; start it with `fogbank up`, or name it with FOGBANK_DATA.")
