"""What API keys and service accounts have in common: a secret that is shown once, rotated, and revoked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from fogbank.portal.page import Context
from fogbank.portal.rules.expiry import OVERLAPS, USUAL_OVERLAP
from fogbank.portal.views.settings.secret import Shown
from fogbank.portal.views.settings.sure import Sure
from fogbank.portal.visit import Visit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Holder(Generic[T]):
    """One kind of what holds a secret; each thing has a page, made of `template`, below `path`.

    `find`, `rotate` and `revoke` raise `Problem`. `rotate` takes the chosen overlap, and a name of the act, which is
    then done once. `listed_at` is the page that a thing is listed on.
    """

    path: str
    template: str
    find: Callable[[Visit, str], Awaitable[T]]
    context: Callable[[Visit, T], Awaitable[Context]]
    rotate: Callable[[Visit, T, str, str], Awaitable[Shown]]
    revoking: Callable[[T], Sure]
    revoke: Callable[[Visit, T], Awaitable[None]]
    listed_at: Callable[[T], str]

    async def page(self, visit: Visit, thing: T, act: str, done: str = "", problem: str = "") -> Context:
        """What the thing's page is filled with; `act` names a rotation from it, so that it is done once."""
        return {
            **await self.context(visit, thing),
            "done": done,
            "problem": problem,
            "act": act,
            "overlaps": OVERLAPS,
            "usual_overlap": USUAL_OVERLAP,
            "back": self.listed_at(thing),
        }
