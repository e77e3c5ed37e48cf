"""What an API refused of a form: said at the fields that it names, in its own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fogbank.runtime.problems import Problem

SERVER_ERROR = 500
BODY = "body."


@dataclass(frozen=True, slots=True)
class Refusal:
    """`fields`: what is wrong with each; `whole`: what no field can say. `status` is what the page answers."""

    status: int
    whole: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def refusal_of(problem: Problem, component: str, known: frozenset[str]) -> Refusal:
    """What to say of `problem`; a fault of a field that is not among `known` is said of the whole."""
    if problem.status >= SERVER_ERROR:
        return Refusal(
            problem.status, f"{component} does not answer at the moment, so nothing was saved. Try again soon."
        )
    fields = {
        str(fault.get("field", "")).removeprefix(BODY): _sentence(str(fault.get("reason", "")))
        for fault in problem.extra.get("errors", ())
        if isinstance(fault, Mapping)
    }
    is_at_fields = bool(fields) and fields.keys() <= known
    return Refusal(problem.status, "" if is_at_fields else problem.detail, {k: fields[k] for k in fields if k in known})


def _sentence(reason: str) -> str:
    """A reason, which follows a field's name, standing by itself."""
    return f"{reason[:1].upper()}{reason[1:]}".rstrip(".") + "."
