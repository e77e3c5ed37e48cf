"""What nodes and placements refuse, as facts. `api/refusals.py` turns each into a problem."""

from datetime import datetime, timedelta


class Refusal(Exception):
    """Anything that is refused here."""


class NotVisible(Refusal):
    """It does not exist, or it is someone else's: both are the same to the caller."""

    def __init__(self, what: str, identifier: str) -> None:
        super().__init__(f"no {what} '{identifier}'")
        self.what = what
        self.identifier = identifier


class NameNotFree(Refusal):
    """A node cannot have this name: it is reserved."""

    def __init__(self, node_id: str) -> None:
        super().__init__(f"'{node_id}' cannot name a node")
        self.node_id = node_id


class TokenNotGood(Refusal):
    """No such token, or it has expired: the caller is not told which."""


class TokenUsed(Refusal):
    """The token was used before, for another key."""


class TokenOfAnother(Refusal):
    """The token is for another node than the one that shows it."""

    def __init__(self, node_id: str) -> None:
        super().__init__(f"the token is for '{node_id}'")
        self.node_id = node_id


class TooManyAttempts(Refusal):
    """The address failed too often to register; `retry_after` says when it may try again."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"too many failed attempts; again in {retry_after.total_seconds():.0f} s")
        self.retry_after = retry_after


class ProofWrong(Refusal):
    """A signature that should show who holds a key is not by that key, or not over what it should be."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is not a signature by that key")
        self.field = field


class KeyNotGood(Refusal):
    """What should be a public key is none."""


class KeyTaken(Refusal):
    """The key was registered before: it is another node's, or holds no longer."""


class KeyFollowed(Refusal):
    """Another key has followed this one already: only the newest signs for the next."""


class TooManyKeys(Refusal):
    """The node has as many keys as may hold at once; `until` is when the first of them ends."""

    def __init__(self, most: int, until: datetime) -> None:
        super().__init__(f"{most} keys hold until {until.isoformat()}")
        self.most = most
        self.until = until


class NodeTaken(Refusal):
    """A node of this name is registered with another key."""

    def __init__(self, node_id: str) -> None:
        super().__init__(f"'{node_id}' is registered")
        self.node_id = node_id


class NodeRevoked(Refusal):
    """The node was revoked. Its name stays its own for ever."""

    def __init__(self, node_id: str) -> None:
        super().__init__(f"'{node_id}' was revoked")
        self.node_id = node_id


class InstancePlaced(Refusal):
    """The instance is on a node already, or there for another owner, and nobody said that it moves."""

    def __init__(self, instance_id: str, node_id: str, placement_id: int) -> None:
        super().__init__(f"'{instance_id}' is on '{node_id}'")
        self.instance_id = instance_id
        self.node_id = node_id
        self.placement_id = placement_id


class InstantRefused(Refusal):
    """The past is as it was recorded, and the future is nobody's: only about now can be said."""

    def __init__(self, field: str, earliest: datetime, latest: datetime) -> None:
        super().__init__(f"{field} is not between {earliest.isoformat()} and {latest.isoformat()}")
        self.field = field
        self.earliest = earliest
        self.latest = latest


class ReasonMissing(Refusal):
    """An administrator acted without saying why."""
