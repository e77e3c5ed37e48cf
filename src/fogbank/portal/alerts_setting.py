"""Sets and changes alerts as forms ask for it; what the API refuses comes back with the form."""

from dataclasses import replace

from fogbank.compute.client import ThresholdView
from fogbank.kernel.ids import is_id
from fogbank.portal.alerts_page import COMPONENT, instance_meant
from fogbank.portal.page_route import NOT_FOUND, UNAUTHORIZED
from fogbank.portal.refusals import Refusal, refusal_of
from fogbank.portal.views.alert_form import FIELDS, AlertForm, changed, wanted
from fogbank.portal.views.alerts import may_change
from fogbank.portal.visit import Visit
from fogbank.runtime.problems import Problem, not_found

BESIDE = "states"
"""What stands beside the ids in the API's paths."""

FORBIDDEN = 403
UNPROCESSABLE = 422
NO_NUMBER = Refusal(UNPROCESSABLE, fields={"threshold_value": "Must be a number, such as 7 or 2.5."})
NO_INSTANCE = Refusal(
    UNPROCESSABLE, fields={"instance_id": "Name one of the instances: alerts on the account are not yours to set."}
)


async def set_alert(visit: Visit, form: AlertForm) -> AlertForm | None:
    """Set what the form asks for; the form again where it was refused."""
    if not form.instance and not visit.rights.account:
        return form.refused(NO_INSTANCE)
    instance_id = await instance_meant(visit, form.instance) if form.instance else ""
    configuration = wanted(form, visit.account, instance_id)
    if configuration is None:
        return form.refused(NO_NUMBER)
    try:
        await visit.desk.thresholds.create(configuration)
    except Problem as problem:
        return form.refused(_refusal(problem, form))
    return None


async def change_alert(visit: Visit, form: AlertForm, threshold: ThresholdView) -> AlertForm | None:
    """Change the alert as the form says; the form again where it was refused."""
    form = replace(form, instance=threshold.instance_id or "")
    configuration = changed(form, threshold)
    if configuration is None:
        return form.refused(NO_NUMBER)
    try:
        await visit.desk.thresholds.change(threshold.id, configuration)
    except Problem as problem:
        return form.refused(_refusal(problem, form))
    return None


async def changeable_threshold(visit: Visit, threshold_id: str) -> ThresholdView:
    """An alert that this person may change; somebody else's is `Problem` 404, as the API says."""
    if not is_id(threshold_id) or threshold_id == BESIDE:
        raise not_found("alert", threshold_id)
    threshold = await visit.desk.thresholds.threshold(threshold_id)
    if may_change(threshold, visit.rights, is_administrator=visit.person.user.is_administrator):
        return threshold
    if is_of_another_account(visit, threshold):
        return threshold
    raise Problem(FORBIDDEN, "not-permitted", "This alert is not yours to change.")


def is_of_another_account(visit: Visit, threshold: ThresholdView) -> bool:
    """Whether it is of an account that this person has, and that is not the one that is open."""
    is_theirs = any(choice.id == threshold.account_id for choice in visit.person.choices)
    return is_theirs and threshold.account_id != visit.account.id


def _refusal(problem: Problem, form: AlertForm) -> Refusal:
    if problem.status == UNAUTHORIZED or (problem.status == NOT_FOUND and not form.instance):
        raise problem
    if problem.status == NOT_FOUND:
        return Refusal(UNPROCESSABLE, fields={"instance_id": problem.detail})
    return refusal_of(problem, COMPONENT, FIELDS)
