"""Who may do what on the queue: the services everything, each node only publish its own usage. Pure.

A node publishes under `usage.v1.<node>` and hears the queue's acknowledgements under `_INBOX.<node>`, nothing else: it
cannot read another node's readings, nor send any in its name. A dot in a node's id is written `=2E` there, as the queue
does: else the node `a` could hear the inbox of the node `a.b`.
"""

import json
from dataclasses import dataclass, replace

from msgspec import json as wire

from fogbank.kernel.ids import is_id

SERVICES_USER = "services"


class NotANodeId(ValueError):
    """A node cannot have that name on the queue."""

    def __init__(self, node_id: str) -> None:
        super().__init__(f"'{node_id}' cannot name a node; use 1 to 128 of letters, digits and _ . : -")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The passwords of the services and of each node."""

    services: str
    nodes: dict[str, str]

    def with_node(self, node_id: str, password: str) -> "Credentials":
        """These, and `password` for `node_id`, whose old one is void."""
        if not is_id(node_id) or node_id == SERVICES_USER:
            raise NotANodeId(node_id)
        return replace(self, nodes={**self.nodes, node_id: password})

    def encode(self) -> str:
        return wire.encode(self).decode()

    @classmethod
    def decode(cls, text: str) -> "Credentials":
        return wire.decode(text, type=cls)


def inbox_prefix(node_id: str) -> str:
    """Where the answers to `node_id` arrive; a client must be told to use it."""
    return f"_INBOX.{_token(node_id)}"


def _token(node_id: str) -> str:
    return node_id.replace(".", "=2E")


def render_config(settings: dict[str, object], credentials: Credentials) -> str:
    """The server's configuration file. NATS reads JSON: every string is quoted, so none can end its line."""
    nodes = [
        {
            "user": node_id,
            "password": password,
            "permissions": {"publish": [f"usage.v1.{_token(node_id)}"], "subscribe": [f"{inbox_prefix(node_id)}.>"]},
        }
        for node_id, password in sorted(credentials.nodes.items())
    ]
    services = {"user": SERVICES_USER, "password": credentials.services}
    return json.dumps({**settings, "authorization": {"users": [services, *nodes]}}, indent=2)
