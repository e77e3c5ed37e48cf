"""The monitor of a QEMU guest: questions over a unix socket, and their answers (QEMU's QMP specification, 1.0).

A guest that hangs does not answer, and what answers may have been taken over by the guest inside: nothing here waits
without end, grows without end or trusts the form of what it reads.
"""

import selectors
import socket
import struct
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from fogbank.runtime.clock import monotonic_seconds

ANSWER_BYTES_MAX = 4 << 20
"""The longest answers name every disk of a guest, with about 1 KB for each."""
READ_BYTES = 65_536
CREDENTIALS = struct.Struct("3i")
NEGOTIATION = b'{"execute":"qmp_capabilities"}\n'
"""What comes first. It is asked without an id, so its answer is passed over like an event."""

Content = TypeVar("Content")


class QmpFailed(Exception):
    """A monitor that cannot be asked, or an answer that is none; the text says what is wrong with it."""


class Refused(msgspec.Struct, frozen=True):
    """Why QEMU does not answer a question, such as one about a balloon that is not there."""

    desc: str


Answer = msgspec.Raw | Refused


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """A command that changes nothing. `id` is its place among those asked together."""

    execute: str
    arguments: dict[str, str] = {}
    id: int | None = None


class _Line(msgspec.Struct, frozen=True):
    """A line that QEMU writes: a greeting or an event has no id."""

    id: int = -1
    answer: msgspec.Raw = msgspec.field(name="return", default=msgspec.Raw())
    error: Refused | None = None


_encode_line = msgspec.json.Encoder().encode
_decode_line = msgspec.json.Decoder(_Line).decode


class Monitor:
    """A connection to one guest's monitor. QEMU gives a monitor to one client at a time, so this should be ours alone.

    Questions are written at once and answered in turn; `answers_of` waits for those of many guests together.
    """

    def __init__(self, path: str) -> None:
        """`ConnectionRefusedError` or `FileNotFoundError` where no QEMU lives behind `path`; `QmpFailed` where one
        lives and takes no connection.
        """
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.setblocking(False)
            self._socket.connect(path)
        except BlockingIOError as error:
            self._socket.close()
            raise QmpFailed("its monitor takes no connection") from error
        except OSError:
            self._socket.close()
            raise
        self._read = bytearray()
        self._asked = 0
        self._answers: list[Answer] = []
        self._opening = NEGOTIATION

    @property
    def process(self) -> int:
        """The id of the process that opened the socket; `QmpFailed` where it cannot be seen from here."""
        credentials = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
        process: int = CREDENTIALS.unpack(credentials)[0]
        if process <= 0:
            raise QmpFailed("its process is in a PID namespace that cannot be seen from here")
        return process

    @property
    def is_answered(self) -> bool:
        return len(self._answers) == self._asked

    @property
    def answers(self) -> Sequence[Answer]:
        """What was answered to the questions that were asked last, in their order."""
        return self._answers

    def fileno(self) -> int:
        return self._socket.fileno()

    def ask(self, questions: Sequence[Question]) -> None:
        """Write the questions; `QmpFailed` where QEMU is gone or reads nothing."""
        self._asked = len(questions)
        self._answers = []
        lines = [_encode_line(msgspec.structs.replace(each, id=place)) + b"\n" for place, each in enumerate(questions)]
        try:
            self._socket.sendall(b"".join([self._opening, *lines]))
        except OSError as error:
            raise QmpFailed(f"its monitor cannot be asked: {error}") from error
        self._opening = b""

    def receive(self) -> None:
        """Take what has arrived; `QmpFailed` where that is no answer to what was asked."""
        try:
            arrived = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise QmpFailed(f"its monitor is gone: {error}") from error
        if not arrived:
            raise QmpFailed("its monitor is gone")
        self._read += arrived
        *lines, rest = self._read.split(b"\n")
        self._read = bytearray(rest)
        if len(rest) > ANSWER_BYTES_MAX:
            raise QmpFailed("its monitor answers without end")
        for line in lines:
            self._take(bytes(line))

    def close(self) -> None:
        self._socket.close()

    def _take(self, line: bytes) -> None:
        try:
            said = _decode_line(line)
        except (msgspec.DecodeError, RecursionError) as error:
            raise QmpFailed(f"its monitor speaks no QMP: {error}") from error
        if said.id == -1:
            return
        if said.id != len(self._answers):
            raise QmpFailed("its monitor answers what was not asked")
        self._answers.append(said.error or said.answer.copy())


def answers_of(monitors: Sequence[Monitor], seconds_max: float) -> dict[Monitor, QmpFailed]:
    """Wait until all monitors have answered, and at most for so long; what there is to say of those that did not.

    However many guests hang, they cost one wait together.
    """
    failed: dict[Monitor, QmpFailed] = {}
    deadline_seconds = monotonic_seconds() + seconds_max
    with selectors.DefaultSelector() as selector:
        for monitor in monitors:
            selector.register(monitor, selectors.EVENT_READ, monitor)
        while selector.get_map() and (left_seconds := deadline_seconds - monotonic_seconds()) > 0:
            for key, _ in selector.select(left_seconds):
                monitor = key.data
                try:
                    monitor.receive()
                except QmpFailed as failure:
                    failed[monitor] = failure
                if monitor in failed or monitor.is_answered:
                    selector.unregister(monitor)
        for key in selector.get_map().values():
            failed[key.data] = QmpFailed(f"its monitor did not answer within {seconds_max:g} s")
    return failed


def content(answer: Answer, kind: type[Content]) -> Content:
    """What an answer holds; `QmpFailed` where QEMU refused it, or says something else."""
    if isinstance(answer, Refused):
        raise QmpFailed(f"QEMU refuses: {answer.desc}")
    try:
        return msgspec.json.decode(answer, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise QmpFailed(f"QEMU says what nobody expects: {error}") from error
