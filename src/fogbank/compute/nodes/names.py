"""Names that no node may have, because somebody else speaks under them on the queue."""

from fogbank.kernel.ids import is_id
from fogbank.queue.client import is_of_door
from fogbank.runtime.queue_credentials import SERVICES_USER, SYSTEM_USER

RESERVED = frozenset({SERVICES_USER, SYSTEM_USER})


def can_name_a_node(node_id: str) -> bool:
    """Whether it is an id, and nobody else's: neither the queue's users nor what comes through the door."""
    return is_id(node_id) and node_id not in RESERVED and not is_of_door(node_id)
