"""Ids: who and what, as text that is safe in URLs, subjects and file names."""

import re
from typing import NewType

UserId = NewType("UserId", str)
OrganizationId = NewType("OrganizationId", str)
AccountId = NewType("AccountId", str)
"""Whose money: the id of an organisation or of a user."""
InstanceId = NewType("InstanceId", str)
NodeId = NewType("NodeId", str)

RANDOM_BYTES_MIN = 8
ID_PATTERN = re.compile(r"[A-Za-z0-9_.:-]{1,128}", re.ASCII)


def is_id(text: str) -> bool:
    """Whether `text` can be an id: 1 to 128 of letters, digits and `_ . : -`."""
    return ID_PATTERN.fullmatch(text) is not None


def payer_of(user_id: str, org_id: str | None) -> AccountId:
    """Who pays for a reading: the organisation if it names one, else the user."""
    return AccountId(org_id or user_id)


def new_id(prefix: str, random_bytes: bytes) -> str:
    """An id such as `org_3f9a…` from at least 8 random bytes, which the caller brings."""
    if len(random_bytes) < RANDOM_BYTES_MIN:
        raise ValueError(f"an id needs at least {RANDOM_BYTES_MIN} random bytes")
    return f"{prefix}_{random_bytes.hex()}"
