"""A node's credential lets it publish its own usage and hear its own answers, whatever its name is."""

import json
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogbank.kernel.ids import ID_PATTERN
from fogbank.runtime.queue_credentials import SERVICES_USER, Credentials, NotANodeId, inbox_prefix, render_config

node_ids = st.from_regex(ID_PATTERN, fullmatch=True).filter(lambda text: text != SERVICES_USER)


def users(credentials: Credentials) -> dict[str, dict[str, object]]:
    document = json.loads(render_config({}, credentials))
    return {user["user"]: user for user in document["authorization"]["users"]}


def hears(subscription: str, subject: str) -> bool:
    """Whether a NATS subscription that ends in `>` covers the subject."""
    return fnmatchcase(subject, subscription.removesuffix(">") + "*")


@given(st.lists(node_ids, max_size=5, unique=True))
def test_no_node_hears_the_answers_of_another(ids: list[str]) -> None:
    credentials = Credentials("s", {})
    for node_id in ids:
        credentials = credentials.with_node(node_id, "p")
    for node_id in ids:
        permissions = users(credentials)[node_id]["permissions"]
        assert isinstance(permissions, dict)
        (subscription,) = permissions["subscribe"]
        for other in ids:
            assert hears(subscription, f"{inbox_prefix(other)}.x") == (other == node_id)


@given(node_ids)
def test_a_node_publishes_under_one_subject_without_wildcards(node_id: str) -> None:
    permissions = users(Credentials("s", {}).with_node(node_id, "p"))[node_id]["permissions"]
    assert isinstance(permissions, dict)
    (subject,) = permissions["publish"]
    assert subject.count(".") == 2
    assert not set("*> ") & set(subject)


@pytest.mark.parametrize("node_id", ["", "a b", "*", ">", "usage.v1.>" + "x" * 128, "ä", SERVICES_USER, 'a"b'])
def test_what_cannot_name_a_node_is_refused(node_id: str) -> None:
    with pytest.raises(NotANodeId):
        Credentials("s", {}).with_node(node_id, "p")


@given(st.text(), st.dictionaries(node_ids, st.text(), max_size=3))
def test_credentials_are_read_as_they_were_written(services: str, nodes: dict[str, str]) -> None:
    credentials = Credentials(services, nodes)
    assert Credentials.decode(credentials.encode()) == credentials
    assert users(credentials)[SERVICES_USER]["password"] == services
