"""The node's configuration: asked for before every tick, and the last one kept on disk for a start without a queue."""

from dataclasses import dataclass, field

import structlog

from fogbank.compute.agent.model import Instance, Owner
from fogbank.compute.agent.ownership import Ownership, placed
from fogbank.compute.agent.spool import Spool, SpoolFull
from fogbank.events.node_configuration import (
    ConfigurationUnreadable,
    NodeConfiguration,
    decode_configuration,
    encode_configuration,
)
from fogbank.queue.client import QueueClient, QueueUnavailable

NOT_CONFIGURED = NodeConfiguration(revision=0)

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Configured:
    """What the node was last told, and whose its instances are by that.

    No answer, no configuration and one that cannot be read are all no news: what was told before holds.
    """

    spool: Spool
    node_id: str
    trusts_found: bool = True
    set_to: Owner | None = None
    now: NodeConfiguration = NOT_CONFIGURED
    _ownership: Ownership = field(default_factory=Ownership)
    _trouble: str = ""

    def __post_init__(self) -> None:
        kept = self.spool.configuration()
        self._take(NOT_CONFIGURED if kept is None else self._readable(kept) or NOT_CONFIGURED)

    def owner_of(self, instance: Instance) -> Owner | None:
        """Whose the instance is, as far as is known now."""
        return self._ownership.of(instance)

    async def ask(self, queue: QueueClient, timeout_seconds: float) -> None:
        """Ask the queue, and take what is new."""
        try:
            told = await queue.configuration_of(self.node_id, timeout_seconds) if queue.is_connected else None
        except (QueueUnavailable, ConfigurationUnreadable) as trouble:
            self._say(str(trouble))
            return
        self._trouble = ""
        if told is not None and told != self.now:
            self._take(told)
            self._keep(told)
            _log.info("configured", revision=told.revision, placements=len(told.placements))

    def _take(self, told: NodeConfiguration) -> None:
        self.now = told
        self._ownership = Ownership(placed(told.placements), self.trusts_found, self.set_to)

    def _keep(self, told: NodeConfiguration) -> None:
        try:
            self.spool.keep_configuration(encode_configuration(told))
        except SpoolFull as full:
            self._say(f"it holds until this agent ends, because {full}")

    def _readable(self, kept: bytes) -> NodeConfiguration | None:
        try:
            return decode_configuration(kept)
        except ConfigurationUnreadable as unreadable:
            self._say(str(unreadable))
            return None

    def _say(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            _log.warning("configuration_not_new", reason=trouble, revision_in_force=self.now.revision)
