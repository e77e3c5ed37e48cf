"""Views of messages, which accounts send to one address."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessagesReadyView:
    """Whether there is a mail server to hand messages to."""

    is_ready: bool


@dataclass(frozen=True, slots=True)
class MessageTakenView:
    """A message was taken, and is tried for an hour."""

    id: str
