"""Messages are sealed from when they are taken until they are sent."""

from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidTag

from fogbank.notifications.mail.sending import NeverSent
from fogbank.notifications.messages.model import Message, MessageKind
from fogbank.notifications.messages.store import Sealed
from fogbank.runtime.sealing import KeyUnknown, SealingKeys


def sealed(sealing: SealingKeys, message_id: str, address: str, data: Mapping[str, str]) -> tuple[str, bytes]:
    """The sealing key's id, and what it made of a message's content."""
    content = msgspec.json.encode({"address": address, "data": dict(data)}).decode()
    return sealing.seal(_owner(message_id), content)


def opened(sealing: SealingKeys, kept: Sealed) -> Message:
    """The message; `NeverSent` where its key is gone, or it is not what was sealed."""
    try:
        content = msgspec.json.decode(sealing.open(_owner(kept.id), kept.key_id, kept.sealed))
    except (KeyUnknown, InvalidTag) as error:
        raise NeverSent("It cannot be opened any more; its sealing key is gone.") from error
    return Message(kept.id, content["address"], MessageKind(kept.kind), content["data"], kept.created_at)


def _owner(message_id: str) -> str:
    return f"message:{message_id}"
