"""What other components may know of compute: the current picture, nodes and placements, thresholds; with clients."""

from fogbank.compute.client.admission import (
    MODES,
    Mode,
    Policy,
    Refusal,
    Said,
    Trust,
    Verdicts,
    judge_message,
    judge_readings,
)
from fogbank.compute.client.admitting.book import Admission, NodeBook, NodeChanges
from fogbank.compute.client.admitting.judging import Judge, Judging
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
from fogbank.compute.client.facts import (
    NodeFacts,
    NodeIdentity,
    NodeKey,
    Placement,
    Placements,
    facts_of,
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
    "MODES",
    "Activity",
    "Admission",
    "ComputeClient",
    "CurrentMetrics",
    "CurrentPeriod",
    "CurrentTotals",
    "CurrentUsage",
    "InstanceCurrent",
    "Judge",
    "Judging",
    "Mode",
    "NodeBook",
    "NodeChanges",
    "NodeChangesView",
    "NodeFacts",
    "NodeFactsView",
    "NodeIdentity",
    "NodeKey",
    "NodeKeyView",
    "NodesClient",
    "Placement",
    "PlacementFactsView",
    "Placements",
    "Policy",
    "Refusal",
    "Said",
    "Trust",
    "Verdicts",
    "facts_of",
    "judge_message",
    "judge_readings",
]
