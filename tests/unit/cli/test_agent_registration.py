"""A host that is told of a queue on itself hears so when it registers, not by waiting for ever."""

import pytest

from fogbank.cli.agent_registration import is_out_of_reach

FOGBANK = "https://billing.example.com"


@pytest.mark.parametrize("queue_url", ["nats://127.0.0.1:4222", "nats://localhost:4222", "nats://[::1]:4222"])
def test_a_queue_on_the_host_itself_is_out_of_reach_from_another_machine(queue_url: str) -> None:
    assert is_out_of_reach(FOGBANK, queue_url)
    assert not is_out_of_reach("http://127.0.0.1:8080", queue_url)


@pytest.mark.parametrize("queue_url", ["nats://10.0.0.1:4222", "tls://a.example.com:4222,tls://b.example.com:4222", ""])
def test_a_queue_elsewhere_is_within_reach(queue_url: str) -> None:
    assert not is_out_of_reach(FOGBANK, queue_url)
