"""What accounts refused of a small form: at its fields, or of the whole."""

from collections.abc import Mapping

from fogbank.portal.proof import PROOF_NEEDED
from fogbank.portal.refusals import refusal_of
from fogbank.portal.settings.own import COMPONENT
from fogbank.runtime.problems import Problem

UNAUTHORIZED = 401
NOT_FOUND = 404
WRONG_PASSWORD = "wrong-credentials"  # noqa: S105 - the kind of a problem
PASSWORD_FIELD = "current_password"  # noqa: S105 - the name of a field
NO_MAIL = "no-mail"
NOT_THIS = "This is not your password."
WRONG_CODE = "wrong-code"
CODE_FIELD = "code"
NOT_THE_CODE = "This is not what the app shows now. Each code is good once, so take the next one."
OF_KIND = {"email-taken": "email", "weak-password": "new_password"}
"""Which field a refusal is about that names none itself."""


def is_for_the_form(problem: Problem) -> bool:
    """Whether who filled in the form can do something about it there."""
    if problem.kind == PROOF_NEEDED or problem.status == NOT_FOUND:
        return False
    return problem.status != UNAUTHORIZED or problem.kind == WRONG_PASSWORD


def fault_of(problem: Problem, names: Mapping[str, str]) -> tuple[Mapping[str, str], str]:
    """What to say at which fields, and of the whole; `names` are the fields of the form, as people call them."""
    if problem.kind == WRONG_PASSWORD:
        return {PASSWORD_FIELD: NOT_THIS}, ""
    if problem.kind == WRONG_CODE and CODE_FIELD in names:
        return {CODE_FIELD: NOT_THE_CODE}, ""
    if problem.kind in OF_KIND and OF_KIND[problem.kind] in names:
        return {OF_KIND[problem.kind]: problem.detail}, ""
    if problem.kind == NO_MAIL:
        return {}, problem.detail
    refusal = refusal_of(problem, COMPONENT, frozenset(names))
    if refusal.fields:
        return {name: f"Give a {names[name]} that can be one." for name in refusal.fields}, ""
    return {}, refusal.whole
