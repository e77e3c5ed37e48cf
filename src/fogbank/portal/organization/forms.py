"""The small forms of an organisation: what stands in them, and what accounts refused of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fogbank.portal.forms import new_act
from fogbank.portal.organization.team import COMPONENT
from fogbank.portal.refusals import Refusal, refusal_of
from fogbank.portal.settings.faults import is_for_the_form
from fogbank.runtime.entropy import Entropy
from fogbank.runtime.problems import Problem

OF_KIND = {
    "already-member": "email",
    "already-invited": "email",
    "gives-too-much": "role",
    "last-owner": "role",
    "project-key-taken": "key",
}
"""Which field a refusal is about that names none itself."""


@dataclass(frozen=True, slots=True)
class SmallForm:
    """What was typed, by field; `act` names the act, so that sending the form twice does it once."""

    act: str
    values: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal = field(default_factory=lambda: Refusal(200))

    def value(self, name: str) -> str:
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        return self.refusal.fields.get(name, "")


def new_form(entropy: Entropy, **values: str) -> SmallForm:
    return SmallForm(new_act(entropy), values)


def read(form: Mapping[str, str], *names: str) -> SmallForm:
    """The fields of these names, as they were typed."""
    return SmallForm(form.get("act", ""), {name: form.get(name, "").strip() for name in names})


def refused(form: SmallForm, problem: Problem, entropy: Entropy) -> SmallForm:
    """The form again, saying why; raises what no form can mend.

    A refusal is kept under its act (docs/idempotency.md), so the next attempt is another one.
    """
    if not is_for_the_form(problem):
        raise problem
    again = replace(form, act=new_act(entropy))
    if problem.kind in OF_KIND:
        return replace(again, refusal=Refusal(problem.status, "", {OF_KIND[problem.kind]: problem.detail}))
    return replace(again, refusal=refusal_of(problem, COMPONENT, frozenset(form.values)))
