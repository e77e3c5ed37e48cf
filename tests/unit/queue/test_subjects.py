"""Subjects: a node's name survives its subject, and nothing it is called can forge another's."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fogbank.queue.client import header_text
from fogbank.queue.subjects import node_of_subject, usage_subject

node_ids = st.text("ABCxyz019_.:-", min_size=1, max_size=20)


@settings(deadline=None)
@given(node_ids)
def test_a_node_is_read_back_from_its_subject_of_three_tokens(node_id: str) -> None:
    assert node_of_subject(usage_subject(node_id)) == node_id
    assert len(usage_subject(node_id).split(".")) == 3


@settings(deadline=None)
@given(node_ids, node_ids)
def test_two_nodes_have_two_subjects(one: str, other: str) -> None:
    assert (usage_subject(one) == usage_subject(other)) == (one == other)


@settings(deadline=None)
@given(st.text(max_size=2_000))
def test_a_reason_is_one_short_line_of_ascii(text: str) -> None:
    line = header_text(text)
    assert line.isascii()
    assert "\r" not in line
    assert "\n" not in line
