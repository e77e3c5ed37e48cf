"""Asking what may never answer: each question has a thread of its own, and nobody waits for it without end."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class NotAnswered(Exception):
    """No answer in time; the text says so."""


class _Question(Generic[Answer]):
    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._answer: Answer
        self._error: Exception | None = None
        # A thread that hangs in a library cannot be ended: as a daemon it does not keep the agent from stopping.
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def answer(self) -> Answer:
        if self._error is not None:
            raise self._error
        return self._answer

    def _run(self) -> None:
        try:
            self._answer = self._ask()
        except Exception as error:  # noqa: BLE001 - it is raised again where it was asked
            self._error = error


class Patience(Generic[Answer]):
    """Waits `seconds_max` for an answer, and asks no more while `unanswered_max` questions still hang."""

    def __init__(self, seconds_max: float, unanswered_max: int) -> None:
        self._seconds_max = seconds_max
        self._unanswered_max = unanswered_max
        self._hanging: list[_Question[Answer]] = []

    def answer_to(self, ask: Callable[[], Answer]) -> Answer:
        """What `ask` returns or raises, or `NotAnswered`."""
        self._hanging = [each for each in self._hanging if each.thread.is_alive()]
        if len(self._hanging) >= self._unanswered_max:
            raise NotAnswered(f"{len(self._hanging)} questions are still not answered")
        question = _Question(ask)
        question.thread.join(self._seconds_max)
        if question.thread.is_alive():
            self._hanging.append(question)
            raise NotAnswered(f"there was no answer within {self._seconds_max:g} s")
        return question.answer()
