"""A reading gets its sequence when it is first to be sent."""

from hypothesis import given
from hypothesis import strategies as st
from tests.readings import reading

from fogbank.compute.agent.spool.numbering import numbered
from fogbank.events.usage_event import decode_event, encode_event


@given(st.lists(st.sampled_from("abc"), max_size=30), st.dictionaries(st.sampled_from("abc"), st.integers(0, 10**12)))
def test_each_instance_goes_on_where_it_stood_and_nothing_else_changes(
    instances: list[str], before: dict[str, int]
) -> None:
    events = [reading(each, number, number + 1) for number, each in enumerate(instances)]
    lines, given_now = numbered([encode_event(event) for event in events], before)
    decoded = [decode_event(line) for line in lines]
    for instance in set(instances):
        sequences = [event.sequence for event in decoded if event.instance_id == instance]
        start = before.get(instance, 0)
        assert sequences == list(range(start + 1, start + 1 + len(sequences)))
        assert given_now[instance] == start + len(sequences)
    assert given_now.keys() == set(instances)
    assert [(event.instance_id, event.period, event.metrics) for event in decoded] == [
        (event.instance_id, event.period, event.metrics) for event in events
    ]
