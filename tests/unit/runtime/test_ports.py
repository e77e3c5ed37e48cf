"""A port is ours, or its owner is named."""

import os
import socket

import pytest

from fogbank.runtime.ports import PORTS, PortForbidden, PortTaken, bound_socket, bound_sockets, free_port, require_free


def test_a_free_port_can_be_bound_and_is_not_one_that_clients_get() -> None:
    port = free_port()
    assert port in PORTS
    with bound_socket("127.0.0.1", port) as ours:
        assert ours.getsockname() == ("127.0.0.1", port)


def test_a_taken_port_is_refused_with_the_name_of_its_owner() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"Port {port} on 127\.0\.0\.1 is already taken by process {os.getpid()} "):
            require_free("127.0.0.1", port)
        with pytest.raises(PortTaken):
            bound_socket("127.0.0.1", port)


def test_this_machine_by_name_is_both_of_its_addresses_or_refused() -> None:
    held = bound_sockets("localhost", 0)
    port = held[0].getsockname()[1]
    assert [each.getsockname()[:2] for each in held] == [("127.0.0.1", port), ("::1", port)]
    for each in held:
        each.close()
    with socket.create_server(("::1", port), family=socket.AF_INET6):
        with pytest.raises(PortTaken, match=rf"Port {port} on ::1 is already taken"):
            bound_sockets("localhost", port)
        with bound_socket("127.0.0.1", port):  # what was refused holds nothing
            pass


def test_an_address_that_is_not_ours_is_refused_in_words() -> None:
    with pytest.raises(
        PortForbidden, match=r"Cannot listen on 192\.0\.2\.1, port 8080: cannot assign requested address"
    ):
        require_free("192.0.2.1", 8080)
