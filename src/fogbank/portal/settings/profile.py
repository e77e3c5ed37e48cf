"""Puts the profile together: name, address, organisations, and the end of the account."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from fogbank.portal.page import Context
from fogbank.portal.settings.own import COMPONENT, own
from fogbank.portal.views.missing import Missing
from fogbank.portal.views.settings.profile import Membership, memberships
from fogbank.portal.views.settings.sure import Sure
from fogbank.portal.visit import Visit
from fogbank.runtime.problems import not_found

PATH = "/settings"


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into one of the page's forms and refused: by field, and why."""

    values: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    def value(self, name: str, default: str = "") -> str:
        """What stands in the field."""
        return self.values.get(name, default)

    def fault(self, name: str) -> str:
        return self.faults.get(name, "")


NOTHING = Typed()


async def context(visit: Visit, done: str = "", typed: Typed = NOTHING) -> Context:
    found, proof, shell = await asyncio.gather(
        visit.desk.answer(COMPONENT, own(visit).people.belongings()),
        visit.desk.answer(COMPONENT, own(visit).factors.proof()),
        visit.shell(PATH),
    )
    return {
        "shell": shell,
        "tab": PATH,
        "done": done,
        "problem": typed.problem,
        "typed": typed,
        "user": visit.person.user,
        "has_password": isinstance(proof, Missing) or "password" in proof.methods,
        "memberships": found if isinstance(found, Missing) else memberships(found),
    }


async def leaving(visit: Visit, org_id: str, problem: str = "") -> Sure:
    """Whether they really want to leave; `Problem` 404 where they do not belong."""
    membership = await membership_of(visit, org_id)
    return Sure(
        title=f"Leave {membership.name}?",
        text="You see nothing of it any more, and your keys no longer reach it. To come back you need an invitation.",
        act="Leave",
        back=PATH,
        keep="Stay",
        problem=problem,
    )


async def membership_of(visit: Visit, org_id: str) -> Membership:
    found = memberships(await own(visit).people.belongings())
    membership = next((each for each in found if each.id == org_id), None)
    if membership is None:
        raise not_found("organization", org_id)
    return membership


def closing(visit: Visit, problem: str = "") -> Sure:
    user = visit.person.user
    return Sure(
        title="Close your account?",
        text=(
            "Your name, address, password, second factors and memberships are erased, your keys end, and nobody can "
            "open it again. What was charged and who did what stays on record. Its balance must not be below zero, no "
            "holds may be open, and an organisation that only you own is handed over or closed first."
        ),
        act="Close my account for good",
        back=PATH,
        keep="Keep my account",
        typed=user.name,
        problem=problem,
    )
