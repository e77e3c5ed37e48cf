"""What the terminal looks like: two consoles, a few styles, and one way to say that something failed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text
from rich.theme import Theme

FAILED = 1
"""Exit code: what was asked for did not work, or a check found a difference."""
MISUSED = 2
"""Exit code: the command line or a setting is wrong; nothing was started."""
INTERRUPTED = 130

THEME = Theme(
    {
        "name": "bold",
        "quiet": "dim",
        "good": "green",
        "bad": "bold red",
        "worry": "yellow",
        "link": "bold cyan",
        "number": "default",
    }
)

out = Console(theme=THEME, highlight=False)
"""What was asked for."""
err = Console(theme=THEME, highlight=False, stderr=True)
"""All else: progress, warnings, errors."""


def fail(sentence: str, code: int = FAILED) -> NoReturn:
    """Say why in one sentence and end."""
    say_error(sentence)
    sys.exit(code)


def say_error(sentence: str) -> None:
    line = Text("fogbank: ", style="bad").append(sentence, style="default")
    err.print(line, soft_wrap=True)


def as_sentence(text: str) -> str:
    """`text` on one line, with a capital at its beginning and a full stop at its end."""
    line = " ".join(text.split()).replace("Value error, ", "").rstrip(".")
    return f"{line[:1].upper()}{line[1:]}."


def print_json(document: Any) -> None:
    """One JSON document on standard output, and nothing else there."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
    sys.stdout.flush()


def print_json_line(document: Any) -> None:
    """One JSON document on one line, for who reads while we go on."""
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    sys.stdout.flush()


@contextmanager
def progress_bar(label: str, total: float | None, unit: str = "") -> Iterator["Bar"]:
    """A bar on standard error for work that takes a while; it is gone when the work is done."""
    columns = (
        SpinnerColumn(style="link"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=None, complete_style="link", finished_style="good"),
        TaskProgressColumn(),
        TextColumn(f"[quiet]{{task.completed:,.0f}} {unit}[/]"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=err, transient=True, expand=True) as progress:
        task = progress.add_task(label, total=total)
        yield Bar(progress, task)


class Bar:
    """A progress bar under way."""

    def __init__(self, progress: Progress, task: Any) -> None:
        self._progress = progress
        self._task = task

    def advance(self, steps: float) -> None:
        self._progress.advance(self._task, steps)

    def describe(self, label: str, total: float | None = None) -> None:
        """Say what is done now, and, if it changed, out of how much."""
        self._progress.update(self._task, description=label, total=total)
