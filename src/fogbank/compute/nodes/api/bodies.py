"""What the routes of nodes and placements take."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from fogbank.runtime.http.values import Id, Secret

TOKEN_SECONDS = 3600
TOKEN_SECONDS_MAX = 7 * 86_400

Reason = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]{1,1000}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]
Signature = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{86}==$")]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Tier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token for a node of `operator_id`, a user's or an organisation's id; with `node_id`, for that node only."""

    operator_id: Id
    node_id: Id | None = None
    is_self_placing: bool = False
    valid_seconds: Annotated[int, Field(ge=60, le=TOKEN_SECONDS_MAX)] = TOKEN_SECONDS
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class NewRegistration:
    """What a node shows. `proof` is its private key's signature, in base64, over three lines: the words
    `fogbank node registration`, the token, the node's id; without a line end after the last.
    """

    token: Secret
    node_id: Id
    public_key: Key
    proof: Signature


@dataclass(frozen=True, slots=True)
class NewNode:
    """A node to register without a token."""

    id: Id
    public_key: Key
    operator_id: Id
    is_self_placing: bool = False
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that follows the present one, `key_id`. `signature` is by that one and `proof` by the new one, both over
    three lines: the words `fogbank node key rotation`, the node's id, the new public key.
    """

    key_id: KeyId
    public_key: Key
    signature: Signature
    proof: Signature


@dataclass(frozen=True, slots=True)
class Revocation:
    """Why the node is not believed any more."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class NewPlacement:
    """An instance on a node, from `since` (at most minutes ago; without it, from now). `tier` is the resource tier to
    put it into; `moves` ends where it was.
    """

    instance_id: Id
    node_id: Id
    user_id: Id
    org_id: Id | None = None
    tier: Tier | None = None
    since: AwareDatetime | None = None
    moves: bool = False
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class PlacementEnd:
    """From when on the instance is there no longer (at most minutes ago; without it, from now)."""

    until: AwareDatetime | None = None
    reason: Reason | None = None
