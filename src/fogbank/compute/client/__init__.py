"""What other components may know of compute: the current picture, nodes and placements, thresholds; with clients."""

from fogbank.compute.client.current import (
    INSTANCES_MAX,
    INSTANCES_USUAL,
    Activity,
    ComputeClient,
    CurrentMetrics,
    CurrentPeriod,
    CurrentTotals,
    CurrentUsage,
    InstanceCurrent,
)
from fogbank.compute.client.nodes import (
    NodeChangesView,
    NodeFactsView,
    NodeKeyView,
    NodesClient,
    PlacementFactsView,
)

__all__ = [
    "INSTANCES_MAX",
    "INSTANCES_USUAL",
    "Activity",
    "ComputeClient",
    "CurrentMetrics",
    "CurrentPeriod",
    "CurrentTotals",
    "CurrentUsage",
    "InstanceCurrent",
    "NodeChangesView",
    "NodeFactsView",
    "NodeKeyView",
    "NodesClient",
    "PlacementFactsView",
]
