"""Puts the sign-in page together: every way in that there is here."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from fastapi import Request, Response

from fogbank.portal.door import Door
from fogbank.runtime.problems import Problem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says: of what went wrong, or was done; and the address to try again with."""

    status: int = 200
    problem: str = ""
    done: str = ""
    email: str = ""


NOTHING = Said()


async def sign_in_page(door: Door, request: Request, path: str, said: Said = NOTHING) -> Response:
    """The ways in, to `path`. Where accounts does not say which there are, the password is one."""
    issuers, can_sign_up = await asyncio.gather(
        _or_else(door.issuers.choices(), []), _or_else(door.sign_in.can_sign_up(), otherwise=False)
    )
    return door.page(
        request,
        "door/sign_in.html",
        status=said.status,
        next=path,
        issuers=issuers,
        can_sign_up=can_sign_up,
        problem=said.problem,
        done=said.done,
        email=said.email,
    )


async def _or_else(asked: Awaitable[T], otherwise: T) -> T:
    try:
        return await asked
    except Problem:
        return otherwise
