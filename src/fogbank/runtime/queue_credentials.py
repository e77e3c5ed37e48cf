"""Who may do what on the queue: the services everything; a node sends its usage and reads what it is told. Pure.

A node signs in with its own key. The queue knows no node: it asks the services about each who comes ("auth callout"),
and they answer with what that node may do. It publishes under `usage.v1.<node>`, asks for its own configuration, and
hears answers under `_INBOX.<node>`, nothing else: it cannot read another node's readings, nor send any in its name. A
dot in a node's id is written `=2E`, as the queue does: else the node `a` could hear the inbox of the node `a.b`.

Nodes are in an account of their own. NATS checks where somebody publishes to, but not where they want the answer: in
the services' account, a node could have the answer to a request of its own sent to `$JS.API.STREAM.DELETE.USAGE`.
"""

import json
from dataclasses import dataclass

from msgspec import json as wire

from fogbank.runtime.queue_keys import account_key, user_key

SERVICES_USER = "services"
SYSTEM_USER = "system"
"""Who may see and cut the connections of others, and nothing else."""

SERVICES_ACCOUNT = "FOGBANK"
"""Where the streams are."""
NODES_ACCOUNT = "NODES"
"""Where nodes are: of the services' account it has what `NODES_MAY_ASK` lists, and answers stay in it."""
NODES_MAY_ASK = ("usage.v1.*", "$JS.API.DIRECT.GET.NODES.nodes.v1.*")

SIGN_IN_SECONDS = 1.5
"""How long the queue waits for our answer.

After 2 s it pings who waits, and its Python client takes that for the answer; refused after that, it gives up for ever.
"""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The password of the services."""

    services: str

    def encode(self) -> str:
        return wire.encode(self).decode()

    @classmethod
    def decode(cls, text: str) -> "Credentials":
        return wire.decode(text, type=cls)


@dataclass(frozen=True, slots=True)
class Permissions:
    """The subjects that somebody may publish to, and those they may subscribe to."""

    publish: list[str]
    subscribe: list[str]


def inbox_prefix(node_id: str) -> str:
    """Where the answers to `node_id` arrive; a client must be told to use it."""
    return f"_INBOX.{_token(node_id)}"


def node_permissions(node_id: str) -> Permissions:
    """All that a node may do on the queue."""
    token = _token(node_id)
    return Permissions(
        publish=[f"usage.v1.{token}", f"$JS.API.DIRECT.GET.NODES.nodes.v1.{token}"],
        subscribe=[f"{inbox_prefix(node_id)}.>"],
    )


def access(services_password: str, system_password: str, issuer: bytes) -> dict[str, object]:
    """The part of a NATS server's configuration that says who may sign in. `issuer` is the public key that answers."""
    services = {"user": SERVICES_USER, "password": services_password}
    system = {"user": SYSTEM_USER, "password": system_password}
    # The server challenges who comes only where it knows a user by a key. Nobody signs in with this one.
    challenge = {"nkey": user_key(issuer), "permissions": {"publish": {"deny": [">"]}, "subscribe": {"deny": [">"]}}}
    return {
        "accounts": {
            "$SYS": {"users": [system]},
            SERVICES_ACCOUNT: {
                "jetstream": "enabled",
                "users": [services],
                "exports": [{"service": subject, "accounts": [NODES_ACCOUNT]} for subject in NODES_MAY_ASK],
            },
            NODES_ACCOUNT: {
                "users": [challenge],
                "imports": [
                    {"service": {"account": SERVICES_ACCOUNT, "subject": subject}} for subject in NODES_MAY_ASK
                ],
            },
        },
        "authorization": {
            "timeout": SIGN_IN_SECONDS,
            "auth_callout": {
                "issuer": account_key(issuer),
                "account": SERVICES_ACCOUNT,
                "auth_users": [SERVICES_USER, SYSTEM_USER],
            },
        },
    }


def render_config(settings: dict[str, object], allowed: dict[str, object]) -> str:
    """The server's configuration file. NATS reads JSON: every string is quoted, so none can end its line."""
    return json.dumps({**settings, **allowed}, indent=2)


def _token(node_id: str) -> str:
    return node_id.replace(".", "=2E")
