"""TCP ports: find a free one, and say who holds one that is not."""

import errno
import random
import socket

import psutil

# Below the range that systems take client ports from, so that a port stays free while its server restarts.
PORTS = range(20_000, 32_000)
ATTEMPTS = 200
LOOPBACK = "127.0.0.1"
LOOPBACK_6 = "::1"
LOCALHOST = "localhost"
"""This machine by name. Which of its two addresses a browser takes for it is the browser's choice."""


class PortTaken(RuntimeError):
    """Another process listens where we wanted to."""

    def __init__(self, host: str, port: int, owner: str | None) -> None:
        by = f" by {owner}" if owner else ""
        super().__init__(f"Port {port} on {host} is already taken{by}.")
        self.host = host
        self.port = port


class PortForbidden(RuntimeError):
    """The system does not let us listen there."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"Cannot listen on {host}, port {port}: {reason}.")
        self.host = host
        self.port = port


def free_port(host: str = LOOPBACK) -> int:
    """A port that nobody listens on at this moment."""
    for port in random.sample(PORTS, ATTEMPTS):
        if _bind_error(host, port) is None:
            return port
    raise PortForbidden(host, PORTS.start, f"none of {ATTEMPTS} ports tried is free")


def require_free(host: str, port: int) -> None:
    """`PortTaken`, naming the owner where the system tells, or `PortForbidden`; nothing when we can listen."""
    error = _bind_error(host, port)
    if error is None:
        return
    if error.errno == errno.EADDRINUSE:
        raise PortTaken(host, port, owner_of(port))
    raise PortForbidden(host, port, (error.strerror or str(error)).lower())


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket on `host` and `port`, on any free one where that is 0; refused as `require_free` does."""
    if port:
        require_free(host, port)
    # Named, so that asyncio knows it for TCP and sends small answers at once.
    bound = socket.socket(_family(host), socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound


def bound_sockets(host: str, port: int) -> list[socket.socket]:
    """The sockets that answer for `host`: of `localhost` on both addresses that it means, where this machine has both.

    With one of them alone, another program could take the other, and be sent what was meant for us.
    """
    if host != LOCALHOST:
        return [bound_socket(host, port)]
    first = bound_socket(LOOPBACK, port)
    if not _has_loopback_6():
        return [first]
    try:
        return [first, bound_socket(LOOPBACK_6, first.getsockname()[1])]
    except BaseException:
        first.close()
        raise


def owner_of(port: int) -> str | None:
    """Who listens on `port`, for people: `process 123 (nginx)`; None where the system does not tell us."""
    try:
        listening = [found for found in psutil.net_connections("tcp") if found.status == psutil.CONN_LISTEN]
        pid = next((found.pid for found in listening if found.pid and found.laddr[1:2] == (port,)), None)
        return f"process {pid} ({psutil.Process(pid).name()})" if pid else None
    except psutil.Error:
        return None


def _has_loopback_6() -> bool:
    try:
        return _bind_error(LOOPBACK_6, 0) is None
    except OSError:  # the system speaks no IPv6 at all
        return False


def _bind_error(host: str, port: int) -> OSError | None:
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
