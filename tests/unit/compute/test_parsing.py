"""What the kernel writes is read as it is meant, and other text is refused."""

import pytest

from fogbank.compute.agent.collectors.accounting import value_of
from fogbank.compute.agent.collectors.networks import Traffic, traffic_in

NET_DEV = """\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0          0
  eth0:682505811   34409    0    0    0     0          0         0  1403820   15908    0    0    0     0       0          0
  net1:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
"""  # noqa: E501 - as the kernel writes it


def test_traffic_is_of_every_interface_but_loopback() -> None:
    assert list(traffic_in(NET_DEV)) == [Traffic("eth0", 682505811, 1403820), Traffic("net1", 0, 0)]


def test_a_key_is_not_taken_for_a_longer_one() -> None:
    assert value_of(b"total_inactive_file 9\ninactive_file 5\n", b"inactive_file") == 5
    assert value_of(b"usage_usec 7\nuser_usec 3\n", b"usage_usec") == 7


@pytest.mark.parametrize("text", [b"", b"anon 5\n", b"inactive_file\n", b"inactive_file x\n"])
def test_a_number_that_is_not_there_is_missing_and_not_zero(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"inactive_file|invalid literal"):
        value_of(text, b"inactive_file")
