"""What may never answer is not waited for, not asked without end, and asked again once it answers."""

import threading

import pytest

from fogbank.compute.agent.collectors.deadlines import NotAnswered, Patience


def test_an_answer_in_time_is_given_and_an_error_is_raised() -> None:
    patience: Patience[int] = Patience(10, 1)
    assert patience.answer_to(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        patience.answer_to(lambda: 1 // 0)


def test_what_hangs_is_left_alone_until_it_answers() -> None:
    answers = threading.Event()
    hanging: list[threading.Thread] = []

    def hang() -> bool:
        hanging.append(threading.current_thread())
        return answers.wait()

    patience: Patience[bool] = Patience(0.05, 2)
    for _ in range(2):
        with pytest.raises(NotAnswered, match=r"no answer within 0\.05 s"):
            patience.answer_to(hang)
    with pytest.raises(NotAnswered, match="2 questions are still not answered"):
        patience.answer_to(hang)
    assert len(hanging) == 2
    answers.set()
    for thread in hanging:
        thread.join()
    assert patience.answer_to(lambda: True)
