"""The kernel's routing socket, spoken by hand: a request in, and the messages that answer it out."""

import os
import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

NLMSG_HEADER = struct.Struct("=IHHII")
"""Length, type, flags, sequence, port: `struct nlmsghdr`."""
ATTRIBUTE_HEADER = struct.Struct("=HH")
"""Length and type: `struct nlattr`."""
ATTRIBUTE_TYPE_MASK = 0x3FFF
"""The two highest bits of a type are flags."""
NLM_F_REQUEST = 0x01
NLM_F_DUMP = 0x300
NLM_F_DUMP_INTERRUPTED = 0x10
NLMSG_ERROR = 2
NLMSG_DONE = 3
ERRNO = struct.Struct("=i")
ANSWER_BYTES_MAX = 1 << 18
ANSWER_SECONDS_MAX = 5
"""The kernel answers at once. A socket that does not is broken, and must not stop the agent."""
DUMPS_MAX = 3
"""How often a list is asked for again that changed while it was given."""


class Message(NamedTuple):
    """One answer: `data` from `start` (behind the header) to `end`."""

    data: bytes
    start: int
    end: int


class RoutingSocket:
    """One NETLINK_ROUTE socket. It speaks of the network namespace in which it was opened."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)
        self._socket.settimeout(ANSWER_SECONDS_MAX)
        self._sequence = 0

    def ask(self, kind: int, body: bytes) -> Message:
        """The one message that answers a request; `OSError` where the kernel refuses it."""
        messages, _ = self._answers(kind, NLM_F_REQUEST, body)
        return messages[0]

    def dump(self, kind: int, body: bytes) -> list[Message]:
        """All of a list. One that keeps changing while it is given is taken as it came: what is in it is right."""
        for _ in range(DUMPS_MAX):
            messages, is_interrupted = self._answers(kind, NLM_F_REQUEST | NLM_F_DUMP, body)
            if not is_interrupted:
                break
        return messages

    def close(self) -> None:
        self._socket.close()

    def _answers(self, kind: int, flags: int, body: bytes) -> tuple[list[Message], bool]:
        self._sequence += 1
        header = NLMSG_HEADER.pack(NLMSG_HEADER.size + len(body), kind, flags, self._sequence, 0)
        self._socket.send(header + body)
        messages: list[Message] = []
        is_interrupted = False
        is_list = bool(flags & NLM_F_DUMP)
        while True:
            data = self._socket.recv(ANSWER_BYTES_MAX)
            at = 0
            while at < len(data):
                length, answered, marks, sequence, _ = NLMSG_HEADER.unpack_from(data, at)
                start, end = at + NLMSG_HEADER.size, at + length
                at += _aligned(length)
                # An answer to a request whose time was up may still lie in the socket.
                if sequence != self._sequence:
                    continue
                is_interrupted = is_interrupted or bool(marks & NLM_F_DUMP_INTERRUPTED)
                if answered in (NLMSG_ERROR, NLMSG_DONE):
                    _require_no_error(data, start)
                if answered == NLMSG_DONE:
                    return messages, is_interrupted
                messages.append(Message(data, start, end))
            if messages and not is_list:
                return messages, is_interrupted


def attributes_in(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Type, start and end of each attribute between `start` and `end`."""
    while start + ATTRIBUTE_HEADER.size <= end:
        length, kind = ATTRIBUTE_HEADER.unpack_from(data, start)
        if length < ATTRIBUTE_HEADER.size:
            return
        yield kind & ATTRIBUTE_TYPE_MASK, start + ATTRIBUTE_HEADER.size, start + length
        start += _aligned(length)


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute for a request, with the padding behind it."""
    length = ATTRIBUTE_HEADER.size + len(value)
    return ATTRIBUTE_HEADER.pack(length, kind) + value + bytes(_aligned(length) - length)


def _aligned(length: int) -> int:
    return (length + 3) & ~3


def _require_no_error(data: bytes, start: int) -> None:
    (negative_errno,) = ERRNO.unpack_from(data, start)
    if negative_errno < 0:
        raise OSError(-negative_errno, f"the kernel's routing socket answers: {os.strerror(-negative_errno)}")
