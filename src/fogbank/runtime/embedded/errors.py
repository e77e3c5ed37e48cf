"""What can go wrong with an embedded server. Each text is one sentence for the person at the terminal."""


class EmbeddedServerFailed(RuntimeError):
    """A server did not start or did not become ready; the text says which and why."""


def reason_in(log: str) -> str:
    """The most telling line of a server's log: the last that names an error, else the last of all."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    marks = ("PANIC:", "FATAL:", "[FTL]", "[ERR]", "ERROR:", "error:", "nats-server:")
    telling = [line for line in lines if any(mark in line for mark in marks)]
    line = (telling or lines or ["it wrote nothing to its log"])[-1]
    for mark in marks:
        line = line.rpartition(mark)[2]
    return line.strip().rstrip(".")
