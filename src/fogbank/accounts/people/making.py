"""How a user begins."""

from datetime import datetime

from fogbank.accounts.model import Status, User
from fogbank.accounts.opaque import ID_BYTES
from fogbank.kernel.ids import new_id
from fogbank.runtime.entropy import Entropy


def made_user(
    email: str,
    name: str,
    now: datetime,
    entropy: Entropy,
    password_hash: str | None,
    *,
    is_confirmed: bool = False,
    is_chosen: bool = False,
    is_administrator: bool = False,
) -> User:
    """A new user. They have shown that the address is theirs, and chosen the password themselves, if it is said."""
    return User(
        id=new_id("user", entropy(ID_BYTES)),
        email=email,
        name=name,
        is_administrator=is_administrator,
        status=Status.ACTIVE,
        created_at=now,
        password_hash=password_hash,
        email_confirmed_at=now if is_confirmed else None,
        password_chosen_at=now if is_chosen else None,
    )
