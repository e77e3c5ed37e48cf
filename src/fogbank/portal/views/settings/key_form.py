"""The form of a new key or service account, as it is filled in and refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fogbank.portal.refusals import Refusal, refusal_of
from fogbank.portal.rules.expiry import USUAL_LIFE
from fogbank.portal.views.settings.scopes import SOME, read_scopes
from fogbank.runtime.problems import Problem

FIELDS = frozenset({"name", "scopes", "networks", "expires_at", "role"})
OF_KIND = {
    "unknown-scope": "scopes",
    "scope-beyond-caller": "scopes",
    "not-a-network": "networks",
    "wider-networks": "networks",
    "end-out-of-reach": "expires_at",
    "lasts-longer": "expires_at",
}
"""Which field a refusal is about that names none itself."""
NOTHING_TICKED = "Tick at least one, or let it do everything."


@dataclass(frozen=True, slots=True)
class MachineForm:
    """What stands in the form; `key` names the act, so that sending it twice makes one."""

    key: str
    name: str = ""
    reach: str = SOME
    scopes: frozenset[str] = frozenset()
    life: str = USUAL_LIFE
    networks: str = ""
    role: str = "member"
    owner_id: str = ""
    refusal: Refusal = field(default_factory=lambda: Refusal(200))

    def error(self, name: str) -> str:
        """What is wrong with a field; of a list, with one of its items."""
        faults = self.refusal.fields
        return next((text for found, text in faults.items() if found.partition(".")[0] == name), "")

    @property
    def network_list(self) -> list[str]:
        return self.networks.replace(",", " ").split()

    def refused(self, problem: Problem, component: str, key: str) -> "MachineForm":
        """The form again, saying why; a refusal is kept under its key, so the next attempt has another."""
        return replace(self, key=key, refusal=_refusal(problem, component))


def read_machine_form(form: Mapping[str, str]) -> MachineForm:
    """What was typed."""
    return MachineForm(
        key=form.get("key", ""),
        name=form.get("name", "").strip(),
        reach=form.get("reach", SOME),
        scopes=read_scopes(form),
        life=form.get("life", USUAL_LIFE),
        networks=form.get("networks", "").strip(),
        role=form.get("role", ""),
        owner_id=form.get("for", ""),
    )


def _refusal(problem: Problem, component: str) -> Refusal:
    if problem.kind in OF_KIND:
        return Refusal(problem.status, "", {OF_KIND[problem.kind]: problem.detail})
    faults = [fault for fault in problem.extra.get("errors", ()) if isinstance(fault, Mapping)]
    named = {str(fault.get("field", "")).removeprefix("body.").partition(".")[0] for fault in faults}
    if named == {"scopes"}:
        return Refusal(problem.status, "", {"scopes": NOTHING_TICKED})
    if named == {"networks"}:
        return Refusal(problem.status, "", {"networks": "Give networks such as 192.0.2.0/24, or single addresses."})
    return refusal_of(problem, component, FIELDS)
