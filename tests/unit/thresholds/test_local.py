"""At the node: the same rule on its own readings, for its own instances only, and over when the threshold is."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fogbank.compute.thresholds.acting import is_carried, told_to_node
from fogbank.compute.thresholds.index import index_of
from fogbank.compute.thresholds.local import LocalThresholds, local_of
from fogbank.compute.thresholds.model import (
    EVERY_ACCOUNT,
    Action,
    ResourceType,
    Subject,
    SubjectKind,
    Terms,
    Threshold,
    ThresholdType,
)
from fogbank.events.node_configuration import (
    ConfiguredThreshold,
    NodeConfiguration,
    PlacedInstance,
    decode_configuration,
    encode_configuration,
)
from fogbank.events.usage_event import EventPeriod, Metrics, UsageEvent

SECOND = 1_000_000
NOW_US = 1_700_000_000 * SECOND
THEN = datetime(2026, 1, 1, tzinfo=UTC)
FULL = ConfiguredThreshold(
    threshold_id="full",
    resource_type="memory",
    threshold_type="percentage",
    threshold_value=90,
    units="%",
    action="suspend",
    user_id="*",
    hysteresis_percent=5,
    cooling_seconds=900,
)


def reading(instance_id: str, percent: float, at_us: int, user_id: str = "user_ann") -> UsageEvent:
    metrics = Metrics(**{**dict.fromkeys(Metrics.__struct_fields__, 0.0), "memory_percent": percent})
    end = at_us // SECOND
    return UsageEvent(
        event_type="resource_usage",
        version="1.0",
        timestamp=end,
        user_id=user_id,
        instance_id=instance_id,
        metrics=metrics,
        period=EventPeriod(start=end - 30, end=end),
    )


def test_a_crossing_is_told_once_and_with_the_facts() -> None:
    node = LocalThresholds("node-1")
    told = [node.crossings([FULL], [reading("vm-1", 95.5, NOW_US), reading("vm-2", 10, NOW_US)], NOW_US)]
    told += [node.crossings([FULL], [reading("vm-1", 99, NOW_US + 30 * SECOND)], NOW_US + 30 * SECOND)]
    told += [node.crossings([FULL], [reading("vm-1", 50, NOW_US + 60 * SECOND)], NOW_US + 60 * SECOND)]
    assert [[each["type"] for each in tick] for tick in told] == [["threshold.violated"], [], ["threshold.cleared"]]
    assert told[0][0] == {
        "type": "threshold.violated",
        "threshold_id": "full",
        "resource_type": "memory",
        "threshold_type": "percentage",
        "threshold_value": "90",
        "units": "%",
        "action": "suspend",
        "value": "95.5",
        "user_id": "user_ann",
        "org_id": "",
        "instance_id": "vm-1",
        "node_id": "node-1",
        "at": "2023-11-14T22:13:20+00:00",
    }


def test_a_threshold_that_is_taken_away_while_it_fires_is_cleared() -> None:
    node = LocalThresholds("node-1")
    node.crossings([FULL], [reading("vm-1", 95, NOW_US)], NOW_US)
    (cleared,) = node.crossings([], [], NOW_US + SECOND)
    assert (cleared["type"], cleared["instance_id"], cleared["value"]) == ("threshold.cleared", "vm-1", "")
    assert node.crossings([], [], NOW_US + 2 * SECOND) == []


def test_another_revision_of_the_configuration_forgets_nothing() -> None:
    node = LocalThresholds("node-1")
    node.crossings([FULL], [reading("vm-1", 95, NOW_US)], NOW_US)
    copy = decode_configuration(encode_configuration(NodeConfiguration(revision=2, thresholds=[FULL])))
    later_us = NOW_US + 30 * SECOND
    assert node.crossings(copy.thresholds, [reading("vm-1", 95, later_us)], later_us) == []


def test_what_this_agent_is_too_old_to_know_is_passed_over() -> None:
    changes: list[dict[str, Any]] = [{"resource_type": "karma"}, {"units": "smoots"}, {"action": "dance"}]
    for change in changes:
        document = {**{name: getattr(FULL, name) for name in FULL.__struct_fields__}, **change}
        assert local_of(ConfiguredThreshold(**document)) is None


@given(st.lists(st.tuples(st.integers(1, 2000), st.sampled_from(["vm-1", "vm-2"]), st.floats(0, 200)), max_size=40))
def test_of_each_instance_violated_and_cleared_alternate(ticks: list[tuple[int, str, float]]) -> None:
    node, now_us = LocalThresholds("node-1"), NOW_US
    last: dict[str, str] = {}
    for seconds, instance_id, percent in ticks:
        now_us += seconds * SECOND
        for facts in node.crossings([FULL], [reading(instance_id, percent, now_us)], now_us):
            assert facts["type"] != last.get(facts["instance_id"], "threshold.cleared")
            last[facts["instance_id"]] = facts["type"]


def placed(org_id: str | None = None) -> PlacedInstance:
    return PlacedInstance(instance_id="vm-1", user_id="user_ann", org_id=org_id, tier="standard")


def told(each: Threshold, *places: PlacedInstance) -> list[ConfiguredThreshold]:
    """What a node with these placements is told, if this is the only threshold."""
    return told_to_node(index_of([each] if is_carried(each) else []), places)


def threshold(subject: Subject, action: str = "suspend", account_id: str = "", **terms: Any) -> Threshold:
    said = {
        "resource_type": ResourceType.CPU,
        "threshold_type": ThresholdType.PERCENTAGE,
        "units": "%",
        "value_micros": 90 * SECOND,
        **terms,
    }
    return Threshold("t", Terms(subject, action=Action(action), **said), account_id, True, 1, "root", THEN, THEN)


def test_a_node_is_told_what_means_each_of_its_instances_by_itself_and_asks_it_to_act() -> None:
    machine, ann = Subject(SubjectKind.INSTANCE, "vm-1"), Subject(SubjectKind.USER, "user_ann")
    fog, bob = Subject(SubjectKind.ORGANIZATION, "org_fog"), Subject(SubjectKind.USER, "user_bob")
    gigabytes = {"resource_type": ResourceType.STORAGE, "threshold_type": ThresholdType.ABSOLUTE, "units": "GB"}
    cases = {
        "its instance": (threshold(machine, **gigabytes), True),
        "its instance, still its payer's": (threshold(machine, account_id="user_ann"), True),
        "its instance, once another's": (threshold(machine, account_id="user_bob"), False),
        "each of a user's": (threshold(ann), True),
        "each of everybody's": (threshold(EVERY_ACCOUNT, "throttle"), True),
        "all of a user's together": (threshold(ann, **gigabytes), False),
        "all of everybody's together": (threshold(EVERY_ACCOUNT, **gigabytes), False),
        "another user's": (threshold(bob), False),
        "an organisation's": (threshold(fog), False),
        "to be told only": (threshold(machine, "notify"), False),
        "to be logged only": (threshold(machine, "log"), False),
    }
    for what, (each, is_told) in cases.items():
        assert bool(told(each, placed())) is is_told, what
    assert told(threshold(fog), placed("org_fog"))
    assert told(threshold(EVERY_ACCOUNT)) == [], "a node with nothing on it has nothing to check"
    (configured,) = told(threshold(machine), placed())
    assert (configured.instance_id, configured.user_id, configured.threshold_value) == ("vm-1", None, 90)
