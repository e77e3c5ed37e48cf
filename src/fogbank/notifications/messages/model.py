"""What a message is: of a kind, to an address, with the few words and the link that its kind takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class MessageKind(StrEnum):
    """What a message is about."""

    CONFIRM_ADDRESS = "confirm_address"
    """Somebody signed up with this address."""
    ALREADY_SIGNED_UP = "already_signed_up"
    """Somebody signed up with this address, which has an account."""
    CONFIRM_NEW_ADDRESS = "confirm_new_address"
    """Somebody wants their account to have this address from now on."""
    ADDRESS_CHANGED = "address_changed"
    """To the address that an account had until now."""
    RESET_PASSWORD = "reset_password"  # noqa: S105  # a kind, no password
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    SECURITY_NOTICE = "security_notice"
    """One sentence about what became of the account's ways in."""
    INVITATION = "invitation"
    SIGN_IN_LINK = "sign_in_link"


@dataclass(frozen=True, slots=True)
class Message:
    """One to be sent. What is in it stays out of logs: its link lets somebody in."""

    id: str
    address: str
    kind: MessageKind
    data: Mapping[str, str] = field(repr=False)
    created_at: datetime
