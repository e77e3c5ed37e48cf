"""What is kept under an idempotency key."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """An answer as it was given: its status, the headers that belong to it, and its body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Contents(msgspec.Struct, frozen=True):
    """What a record holds, sealed: the digest of the parameters, and the answer once there is one."""

    parameters: str
    answer: Annotated[Answer | None, msgspec.Meta(description="None until it is answered.")] = None


@dataclass(frozen=True, slots=True)
class Record:
    """A key as the database has it. `claim` is random and names the request that has taken it."""

    id: bytes
    caller_id: str
    claim: bytes
    claimed_at: datetime
    is_answered: bool
    key_id: str
    sealed: bytes = field(repr=False)
