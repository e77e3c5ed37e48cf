"""What a node may do on the queue: publish its own usage, ask what it is told, hear its own answers; by any name."""

import base64
import contextlib
import json
from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st
from nkeys import PREFIX_BYTE_ACCOUNT, PREFIX_BYTE_USER, encode_seed, from_seed

from fogbank.events.signing import public_key_of
from fogbank.kernel.ids import ID_PATTERN
from fogbank.runtime.queue_credentials import (
    NODES_ACCOUNT,
    SERVICES_ACCOUNT,
    SERVICES_USER,
    Credentials,
    access,
    inbox_prefix,
    node_permissions,
    render_config,
)
from fogbank.runtime.queue_keys import NotAQueueKey, account_key, read_user_key, user_key, user_seed

node_ids = st.from_regex(ID_PATTERN, fullmatch=True)
seeds = st.binary(min_size=32, max_size=32)


def hears(subscription: str, subject: str) -> bool:
    """Whether a NATS subscription that ends in `>` covers the subject."""
    return fnmatchcase(subject, subscription.removesuffix(">") + "*")


@given(st.lists(node_ids, max_size=5, unique=True))
def test_no_node_hears_the_answers_of_another(ids: list[str]) -> None:
    for node_id in ids:
        (subscription,) = node_permissions(node_id).subscribe
        for other in ids:
            assert hears(subscription, f"{inbox_prefix(other)}.x") == (other == node_id)


@given(node_ids)
def test_a_node_publishes_its_usage_and_asks_for_its_configuration_and_no_more(node_id: str) -> None:
    usage, configuration = node_permissions(node_id).publish
    assert usage.count(".") == 2
    assert configuration.startswith("$JS.API.DIRECT.GET.NODES.nodes.v1.")
    assert configuration.rpartition(".")[2] == usage.rpartition(".")[2]
    assert not set("*> ") & set(usage + configuration)


@given(seeds)
def test_keys_are_written_as_nats_writes_them(seed: bytes) -> None:
    public = base64.b64decode(public_key_of(seed))
    assert user_seed(seed) == encode_seed(seed, PREFIX_BYTE_USER).decode()
    assert user_key(public) == from_seed(bytearray(user_seed(seed).encode())).public_key.decode()
    theirs = from_seed(bytearray(encode_seed(seed, PREFIX_BYTE_ACCOUNT)))
    assert account_key(public) == theirs.public_key.decode()
    assert read_user_key(user_key(public)) == public


@given(st.one_of(st.text(), seeds.map(account_key), seeds.map(user_key).map(lambda key: key[:-1] + "A")))
def test_what_is_no_key_of_a_user_is_not_read_as_one(text: str) -> None:
    with contextlib.suppress(NotAQueueKey):
        assert user_key(read_user_key(text)) == text


@given(st.text(), st.text())
def test_the_services_sign_in_by_password_and_nobody_by_the_key_that_makes_the_queue_ask(
    services: str, system: str
) -> None:
    document = json.loads(render_config({}, access(services, system, bytes(32))))
    (by_password,) = document["accounts"][SERVICES_ACCOUNT]["users"]
    (by_key,) = document["accounts"][NODES_ACCOUNT]["users"]
    assert by_password == {"user": SERVICES_USER, "password": services}
    assert by_key["permissions"] == {"publish": {"deny": [">"]}, "subscribe": {"deny": [">"]}}
    assert Credentials.decode(Credentials(services).encode()).services == services


def test_credentials_from_before_nodes_had_keys_are_read() -> None:
    assert Credentials.decode('{"services": "s", "nodes": {"node_1": "p"}}') == Credentials("s")
