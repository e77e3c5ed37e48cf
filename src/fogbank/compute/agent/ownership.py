"""Whose an instance is: what its node was told, else what was found at the instance, else what the agent was set to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fogbank.compute.agent.model import Instance, Owner
from fogbank.events.node_configuration import PlacedInstance


@dataclass(frozen=True, slots=True)
class Ownership:
    """What is known of owners at a moment."""

    placed: Mapping[str, Owner] = field(default_factory=dict)
    trusts_found: bool = True
    set_to: Owner | None = None

    def of(self, instance: Instance) -> Owner | None:
        """Whose it is; None where nobody says so, and then it is not metered."""
        placed = self.placed.get(instance.id)
        if placed is not None:
            return placed
        if self.trusts_found and instance.user_id:
            return Owner(instance.user_id, instance.org_id)
        return self.set_to


def placed(placements: Iterable[PlacedInstance]) -> dict[str, Owner]:
    """The owners of what is placed, by instance."""
    return {placement.instance_id: Owner(placement.user_id, placement.org_id) for placement in placements}
