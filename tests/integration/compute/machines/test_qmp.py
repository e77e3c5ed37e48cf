"""A monitor is asked with patience and believed with care: events, refusals, nonsense and silence are told apart."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fogbank.compute.agent.collectors.machines.qmp import (
    ANSWER_BYTES_MAX,
    Monitor,
    QmpFailed,
    Question,
    Refused,
    answers_of,
    content,
)

GREETING = b'{"QMP": {"version": {"qemu": {"major": 7}}, "capabilities": []}}\r\n'
EVENT = b'{"event": "RTC_CHANGE", "data": {"offset": 0}, "timestamp": {"seconds": 1}}\r\n'
NEGOTIATED = b'{"return": {}}\r\n'
STATUS = [Question("query-status")]


@contextmanager
def monitor_that_says(directory: Path, *said: bytes, stays: bool = False) -> Iterator[Monitor]:
    """A monitor whose other side waits for the first question, says all of that, and hangs up unless it stays."""
    path = str(directory / "m.qmp")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        monitor = Monitor(path)
        other, _ = listening.accept()
        speaker = threading.Thread(target=_speak, args=(other, said, stays))
        speaker.start()
        try:
            yield monitor
        finally:
            monitor.close()
            speaker.join()
            other.close()


def _speak(other: socket.socket, said: tuple[bytes, ...], stays: bool) -> None:
    other.recv(65_536)
    try:
        for each in said:
            other.sendall(each)
        if stays:
            other.recv(65_536)
        else:
            other.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The monitor hung up first.
        return


def asked(monitor: Monitor, seconds_max: float = 10.0) -> QmpFailed | None:
    monitor.ask(STATUS)
    return answers_of([monitor], seconds_max).get(monitor)


def test_events_and_the_negotiation_are_passed_over_and_answers_may_come_in_pieces(directory: Path) -> None:
    answer = b'{"return": {"running": true}, "id": 0}\r\n'
    pieces = [GREETING + NEGOTIATED + EVENT + answer[:11], answer[11:]]
    with monitor_that_says(directory, *pieces, stays=True) as monitor:
        assert asked(monitor) is None
        assert content(monitor.answers[0], dict[str, bool]) == {"running": True}


def test_a_refusal_is_an_answer(directory: Path) -> None:
    refusal = b'{"id": 0, "error": {"class": "DeviceNotActive", "desc": "No balloon"}}\r\n'
    with monitor_that_says(directory, GREETING, NEGOTIATED, refusal, stays=True) as monitor:
        assert asked(monitor) is None
        assert monitor.answers == [Refused("No balloon")]
        with pytest.raises(QmpFailed, match="No balloon"):
            content(monitor.answers[0], dict[str, bool])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "is gone"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "speaks no QMP"),
        (b"[" * 100_000 + b"\n", "speaks no QMP"),
        (b'{"return": {}, "id": 7}\r\n', "answers what was not asked"),
        (b"x" * (ANSWER_BYTES_MAX + 1), "answers without end"),
    ],
)
def test_what_is_no_answer_is_said(directory: Path, said: bytes, why: str) -> None:
    with monitor_that_says(directory, GREETING, said) as monitor:
        assert why in str(asked(monitor))


def test_silence_has_an_end_for_all_together(directory: Path) -> None:
    with monitor_that_says(directory, GREETING, stays=True) as monitor:
        assert "did not answer within 0.05 s" in str(asked(monitor, 0.05))


def test_where_no_qemu_lives_there_is_nobody_to_ask(directory: Path) -> None:
    path = str(directory / "m.qmp")
    with pytest.raises(FileNotFoundError):
        Monitor(path)
    with socket.socket(socket.AF_UNIX) as gone:
        gone.bind(path)
    with pytest.raises(ConnectionRefusedError):
        Monitor(path)
