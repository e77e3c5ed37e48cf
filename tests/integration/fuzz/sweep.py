"""A sweep: every operation of the app's description, asked by every kind of caller; and what the answers break."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemathesis import Case, Response
from tests.integration.fuzz.asking import Asking
from tests.integration.fuzz.judging import broken, told
from tests.integration.fuzz.making import Depth, cases_of, operations_of
from tests.integration.tenancy.filling import API, Asked, requests_of


@dataclass(slots=True)
class Sweep:
    """What was asked, and what the answers broke."""

    answers: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """How often an operation answered a kind of caller with a status."""
    findings: dict[tuple[str, int, str], str] = field(default_factory=dict)
    """Each kind of break of an operation's answers with a status once."""

    def run(self, document: Mapping[str, Any], url: str, everybody: Sequence[Asking], depth: Depth) -> None:
        walk = [each for each in requests_of(document) if isinstance(each, Asked)]
        for operation in operations_of(document, url):
            walked = [each for each in walk if f"{each.method} {API}{each.route.partition(' ')[2]}" == operation.label]
            for made in cases_of(operation, depth, walked):
                for asking in everybody:
                    case = asking.naming(made)
                    self._judge(asking, case, asking.ask(case))

    def _judge(self, asking: Asking, case: Case[Any], response: Response) -> None:
        label, status = case.operation.label, response.status_code
        self.answers[label, asking.name, status] += 1
        for title, message in broken(asking, case, response):
            if (label, status, title) not in self.findings:
                self.findings[label, status, title] = f"{label}: {title}\n{message}\n{told(asking, case, response)}"
