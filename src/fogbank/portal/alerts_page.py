"""Puts the pages of alerts together: what is firing, what is set, and the forms."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fogbank.accounts.client import InstanceView
from fogbank.compute.client import FiringView, ThresholdView
from fogbank.kernel.ids import new_id
from fogbank.portal.page import Context
from fogbank.portal.rules.limits import offered, threshold_type
from fogbank.portal.views.alert_form import CHANNELS, AlertForm
from fogbank.portal.views.alerts import alert_rows, firing_rows, limit_text, unit_label, whom_text
from fogbank.portal.views.missing import Missing
from fogbank.portal.visit import Visit
from fogbank.runtime.entropy import Entropy

PATH = "/alerts"
COMPONENT = "Compute"
THRESHOLDS_MAX = 1_000
FIRING_MAX = 100
INSTANCES_MAX = 500
ID_BYTES = 12


@dataclass(frozen=True, slots=True)
class Facts:
    """What compute and accounts answered."""

    thresholds: Sequence[ThresholdView] | Missing
    firing: Sequence[FiringView] | Missing
    instances: Sequence[InstanceView] | Missing

    @property
    def names(self) -> Mapping[str, str]:
        """What people call their instances; without accounts, their ids say enough."""
        return {} if isinstance(self.instances, Missing) else {each.id: each.name for each in self.instances}

    @property
    def firing_ids(self) -> frozenset[str]:
        return frozenset() if isinstance(self.firing, Missing) else frozenset(each.threshold_id for each in self.firing)


async def facts_of(visit: Visit) -> Facts:
    """Everything, asked for at once."""
    desk = visit.desk
    return Facts(
        *await asyncio.gather(
            desk.answer(COMPONENT, _thresholds(visit)), desk.answer(COMPONENT, _firing(visit)), desk.instances()
        )
    )


async def page_context(visit: Visit, entropy: Entropy, done: str) -> Context:
    facts, shell = await asyncio.gather(facts_of(visit), visit.shell(PATH))
    return {
        **_firing_context(visit, facts),
        "shell": shell,
        "done": done,
        "rights": visit.rights,
        "new_id": threshold_id(entropy),
        "alerts": facts.thresholds
        if isinstance(facts.thresholds, Missing)
        else alert_rows(
            facts.thresholds,
            facts.firing_ids,
            facts.names,
            visit.rights,
            is_administrator=visit.person.user.is_administrator,
            formats=visit.formats,
        ),
    }


async def firing_context(visit: Visit) -> Context:
    return _firing_context(visit, await facts_of(visit))


async def form_context(visit: Visit, form: AlertForm, threshold: ThresholdView | None = None) -> Context:
    """The form of a new alert, or of `threshold`."""
    instances, shell = await asyncio.gather(visit.desk.instances(), visit.shell(f"{PATH}/{form.id}"))
    kind = threshold_type(form.units)
    units = [unit for unit in form.resource.units if threshold is None or threshold_type(unit.name) == kind]
    names = {} if isinstance(instances, Missing) else {each.id: each.name for each in instances}
    return {
        "shell": shell,
        "account": visit.account,
        "rights": visit.rights,
        "form": form,
        "resources": offered(visit.rights),
        "units": [(unit.name, unit_label(unit, visit.formats.currency)) for unit in units],
        "channels": CHANNELS,
        "instances": sorted(names.items(), key=lambda each: each[1].casefold())[:INSTANCES_MAX],
        "threshold": threshold,
        "whom": "" if threshold is None else whom_text(threshold, names),
    }


async def delete_context(visit: Visit, threshold: ThresholdView) -> Context:
    shell = await visit.shell(f"{PATH}/{threshold.id}")
    headline = threshold.name or limit_text(threshold, visit.formats)
    return {"shell": shell, "account": visit.account, "threshold": threshold, "headline": headline}


def threshold_id(entropy: Entropy) -> str:
    """An id for an alert that is about to be set."""
    return new_id("threshold", entropy(ID_BYTES))


async def instance_meant(visit: Visit, text: str) -> str:
    """The id of the instance that somebody typed the id or the name of; else the text itself, to be refused."""
    instances = await visit.desk.instances()
    if isinstance(instances, Missing) or any(each.id == text for each in instances):
        return text
    named = [each.id for each in instances if each.name.casefold() == text.casefold()]
    return named[0] if len(named) == 1 else text


def _firing_context(visit: Visit, facts: Facts) -> Context:
    known = frozenset() if isinstance(facts.thresholds, Missing) else frozenset(each.id for each in facts.thresholds)
    if isinstance(facts.firing, Missing):
        return {"account": visit.account, "firing": facts.firing}
    rows = firing_rows(facts.firing, known, facts.names, visit.now, visit.formats)
    return {"account": visit.account, "firing": rows}


async def _thresholds(visit: Visit) -> Sequence[ThresholdView]:
    return (await visit.desk.thresholds.thresholds(account_id=visit.account.id, limit=THRESHOLDS_MAX)).thresholds


async def _firing(visit: Visit) -> Sequence[FiringView]:
    return (await visit.desk.thresholds.firing(account_id=visit.account.id, limit=FIRING_MAX)).firing
