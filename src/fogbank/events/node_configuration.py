"""What a node is told: what runs on it and whose it is, and which thresholds concern it.

Compute keeps one message for each node on the queue, and replaces it when anything in it changes; the agent looks at
every tick. Fields that a reader does not know are ignored, so agents may be older than the services.
"""

import msgspec
from msgspec import Struct


class PlacedInstance(Struct, frozen=True, kw_only=True):
    """An instance that is on this node now: whose it is, and the resource tier it is billed in."""

    instance_id: str
    user_id: str
    org_id: str | None = None
    tier: str


class ConfiguredThreshold(Struct, frozen=True, kw_only=True):
    """A threshold that concerns instances of this node: what was configured, for the agent to check by itself.

    Exactly one of `instance_id`, `user_id` and `org_id` is there; `user_id` is `*` for every instance. A user's or an
    organisation's is about each of their instances by itself. `threshold_value` is a number of `units`.
    """

    threshold_id: str
    resource_type: str
    threshold_type: str
    threshold_value: int | float
    units: str
    action: str
    user_id: str | None = None
    org_id: str | None = None
    instance_id: str | None = None
    hysteresis_percent: int
    cooling_seconds: int


class NodeConfiguration(Struct, frozen=True, kw_only=True):
    """All that a node is told. `revision` grows with every change of it, and names the one in force."""

    revision: int
    placements: list[PlacedInstance] = []
    thresholds: list[ConfiguredThreshold] = []


class ConfigurationUnreadable(ValueError):
    """What is kept as a node's configuration is none; the text says why."""


def encode_configuration(configuration: NodeConfiguration) -> bytes:
    """The configuration as it travels: JSON."""
    return msgspec.json.encode(configuration)


def decode_configuration(payload: bytes) -> NodeConfiguration:
    """The configuration that travelled; `ConfigurationUnreadable` where it is none."""
    try:
        return _decoder.decode(payload)
    except msgspec.DecodeError as error:
        raise ConfigurationUnreadable(str(error)) from None


_decoder = msgspec.json.Decoder(NodeConfiguration)
