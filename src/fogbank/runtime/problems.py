"""Problems: errors for people and programs alike, as RFC 9457 says.

A component raises its own errors, which state facts. At the edge they become a `Problem`: one clear sentence, a status,
a stable type, and the data that the caller needs to do better.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

PROBLEM_JSON = "application/problem+json"
TYPE_PREFIX = "urn:fogbank:problem:"


class Problem(Exception):
    """An answer that is an error.

    `kind` is the stable, dashed name of the problem (`balance-too-low`); `detail` is one sentence that says what is
    wrong and what to do; `extra` are further members of the document, such as `balance` and `floor`.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})

    def document(self, instance: str) -> dict[str, Any]:
        """The problem document; `instance` names the request, so that logs can be found by it."""
        return {
            "type": TYPE_PREFIX + self.kind,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            **self.extra,
        }


def not_found(what: str, identifier: str) -> Problem:
    """404, for what does not exist and for what is someone else's alike: its existence is theirs to tell."""
    return Problem(404, "not-found", f"There is no {what} '{identifier}' that you can see.")
