"""Streams and subjects: where each kind of message goes, and how long it is kept."""

from dataclasses import dataclass

from fogbank.events.signals import SignalType

USAGE_STREAM = "USAGE"
SIGNALS_STREAM = "SIGNALS"
QUARANTINE_STREAM = "QUARANTINE"
NODES_STREAM = "NODES"

USAGE_SUBJECTS = "usage.v1.*"
"""What nodes publish to."""
PARTITIONS = 64
"""How finely the stream can be shared out. Fixed for ever, so that a node's partition never moves."""
USAGE_PARTITIONED = f"usage.v1.{{{{partition({PARTITIONS},1)}}}}.{{{{wildcard(1)}}}}"
"""What `USAGE` keeps a message as: NATS puts in the partition, by a stable hash of the node."""
USAGE_KEPT = "usage.v1.>"
"""Every kept message, those from before there were partitions too."""

USAGE_MESSAGE_BYTES_MAX = 8 * 1024 * 1024 - 64 * 1024
"""Of 8 MiB that the queue takes: what is set aside gets headers beside its own, and must fit all the same."""

SIGNALS_SUBJECTS = "signals.v1.>"
QUARANTINE_SUBJECTS = "quarantine.v1.>"
NODES_SUBJECTS = "nodes.v1.*"
"""Each node's configuration: the last message of its subject is the one in force."""

MIB = 1024 * 1024
SECONDS_PER_DAY = 86_400
DUPLICATE_WINDOW_SECONDS = 300
"""How long a repeated `Nats-Msg-Id` is dropped. A window, not a promise: the usage store drops repeats for ever."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How long and how much each stream keeps, in how many copies. A full `USAGE` refuses new batches, forgets none.

    `NODES` keeps one message a node, for ever.
    """

    usage_days: int = 7
    usage_bytes_max: int = 4096 * MIB
    signals_days: int = 7
    signals_bytes_max: int = 128 * MIB
    quarantine_days: int = 30
    quarantine_bytes_max: int = 512 * MIB
    nodes_bytes_max: int = 256 * MIB
    replicas: int = 1


def usage_subject(node_id: str) -> str:
    """Where the batches of `node_id` go. A dot would start a new token, so ids with dots keep them escaped as `=2E`."""
    return f"usage.v1.{node_id.replace('.', '=2E')}"


def node_of_subject(subject: str) -> str:
    """The node whose batches go to `subject`, or are kept under it with their partition."""
    return subject.rpartition(".")[2].replace("=2E", ".")


def signal_subject(signal_type: SignalType) -> str:
    """Where signals of that type go."""
    return f"signals.v1.{signal_type}"


def quarantine_subject(node_id: str) -> str:
    """Where what `node_id` sent and was not valid goes."""
    return f"quarantine.v1.{node_id.replace('.', '=2E')}"


def node_configuration_subject(node_id: str) -> str:
    """Where the configuration of `node_id` is kept."""
    return f"nodes.v1.{node_id.replace('.', '=2E')}"
