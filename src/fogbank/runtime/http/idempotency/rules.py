"""What a key names, when parameters are the same, and which answers are kept. Pure."""

import re
from enum import StrEnum
from hashlib import sha256

import msgspec

from fogbank.kernel.scopes import EVERY_SCOPE
from fogbank.runtime.auth import Caller

KEY = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)
PASSING = frozenset({401, 408, 413, 415, 425, 429})
"""Refusals that are about this moment or this attempt, not about what was asked."""

OUR_FAULT = 500
MENDED_BY_MORE = frozenset(
    f"urn:fogbank:problem:{kind}" for kind in ("invalid-request", "reason-needed", "recent-proof-needed")
)
"""Refusals that the same request meets no more, once it is put right or something else is given with it."""

REPEATABLE = frozenset({"urn:fogbank:problem:ledger-unavailable"})
"""Faults of ours that tell who asks to repeat it as it is: what it names by ids is posted once, whoever asks again."""


class Fate(StrEnum):
    """What becomes of a key once its request is answered."""

    KEPT = "kept"
    """The answer is final: a repeat gets it again."""
    RELEASED = "released"
    """Nothing was made, or what was is made once by its ids: the key is free again."""
    CLAIMED = "claimed"
    """We failed: what was committed stays claimed, and what was not never was."""


def is_key(text: str) -> bool:
    """Whether it is 1 to 255 printable characters of ASCII."""
    return KEY.fullmatch(text) is not None


def who_asks(caller: Caller) -> str:
    """Whose a key is: a caller's, and one who is limited to less than all is another: an answer may hold a secret."""
    if not caller.key_id and EVERY_SCOPE in caller.scopes:
        return caller.id
    return " ".join([caller.id, caller.key_id, *sorted(caller.scopes)])


def record_id(asker: str, method: str, path: str, key: str) -> bytes:
    """What a key is kept under: the same key of somebody else, or on another path, is another one."""
    return sha256(msgspec.json.encode([asker, method, path, key])).digest()


def parameters_digest(query: bytes, content_type: str, body: bytes) -> str:
    """What two requests are compared by: byte by byte, as sent."""
    lengths = f"{len(query)}:{len(content_type)}:".encode()
    return sha256(lengths + query + content_type.encode() + body).hexdigest()


def fate_of(status: int, problem_type: str) -> Fate:
    """What becomes of the key of a request that was answered so; `problem_type` is the problem's, if it is one."""
    if status in PASSING or problem_type in MENDED_BY_MORE | REPEATABLE:
        return Fate.RELEASED
    if status >= OUR_FAULT:
        return Fate.CLAIMED
    return Fate.KEPT
