"""The names under which the queue carries what comes through the door. Pure."""

from hashlib import sha256

from fogbank.kernel.ids import is_id

PREFIX = "door:"


def node_of(caller_id: str) -> str:
    """The node as which this caller sends."""
    node_id = PREFIX + caller_id
    return node_id if is_id(node_id) else PREFIX + sha256(caller_id.encode()).hexdigest()


def is_of_door(node_id: str) -> bool:
    """Whether readings under this name were sent by a customer, and not measured by a node of the network."""
    return node_id.startswith(PREFIX)
