"""Servers that do not start, and how to say why in one sentence."""

import re

MARKS = ("PANIC:", "FATAL:", "[FTL]", "[ERR]", "ERROR:", "error:", "nats-server:", "fogbank:")
"""What precedes the telling part of a line, in the logs of PostgreSQL, NATS and our own."""

NOISE = re.compile(r"\x1b\[[0-9;]*m")


class ServerFailed(RuntimeError):
    """A server did not start or did not become ready; the text says which and why."""


def reason_in(log: str) -> str:
    """The most telling line of a server's log: the last that names an error, else the last of all."""
    lines = [line.strip() for line in NOISE.sub("", log).splitlines() if line.strip()]
    telling = [line for line in lines if any(mark in line for mark in MARKS)]
    line = (telling or lines or ["it wrote nothing to its log"])[-1]
    for mark in MARKS:
        line = line.rpartition(mark)[2]
    return line.strip().rstrip(".")
