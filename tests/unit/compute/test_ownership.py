"""Whose an instance is, in the order in which it is believed."""

from fogbank.compute.agent.model import Instance, Owner
from fogbank.compute.agent.ownership import Ownership, placed
from fogbank.events.node_configuration import PlacedInstance

PLACED = placed([PlacedInstance(instance_id="vm-1", user_id="user_placed", org_id="org_placed", tier="small")])
LABELLED = Instance("vm-1", "user_label", "org_label")
SET = Owner("user_set")


def test_a_placement_is_believed_before_a_label_and_a_label_before_the_settings() -> None:
    assert Ownership(PLACED, set_to=SET).of(LABELLED) == Owner("user_placed", "org_placed")
    assert Ownership(set_to=SET).of(LABELLED) == Owner("user_label", "org_label")
    assert Ownership(set_to=SET).of(Instance("vm-1")) == SET


def test_labels_that_are_not_trusted_say_nothing() -> None:
    assert Ownership(trusts_found=False, set_to=SET).of(LABELLED) == SET
    assert Ownership(trusts_found=False).of(LABELLED) is None


def test_what_nobody_says_is_nobodys() -> None:
    assert Ownership(PLACED).of(Instance("vm-2")) is None
