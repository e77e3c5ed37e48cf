"""What the API's description says of idempotency keys, and which routes keep to them in their own way. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from fogbank.runtime.http.problems import problem_responses

HEADER = "Idempotency-Key"
API = "/api/"
ANSWERED_ANEW = re.compile(r"/api/v1/auth/(token|api-keys:introspect|passkeys:begin|oidc/[^/]+:begin)", re.ASCII)
"""These make nothing, and what they answer holds for minutes only; a challenge is for one sign-in, never for two."""

PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Names this request for 30 days: a repeat is answered as the first time, and not done again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x20-\x7e]+$"},
}


def routes_with_own_keys(document: Mapping[str, Any]) -> list[str]:
    """The templates of the POST routes that declare the header themselves."""
    posts = {path: each["post"] for path, each in document.get("paths", {}).items() if "post" in each}
    return [path for path, post in posts.items() if any(_is_own(each) for each in post.get("parameters", []))]


def _is_own(parameter: Mapping[str, Any]) -> bool:
    return parameter.get("name") == HEADER and parameter is not PARAMETER


def describe_keys(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with the header on every POST of an API that has none of its own, and its 409."""
    for path, operations in document.get("paths", {}).items():
        post = operations.get("post")
        if post is None or not path.startswith(API) or ANSWERED_ANEW.fullmatch(path):
            continue
        parameters = post.setdefault("parameters", [])
        if all(each.get("name") != HEADER for each in parameters):
            parameters.append(PARAMETER)
            conflict = {str(status): said for status, said in problem_responses(409).items()}
            post["responses"] = {**conflict, **post["responses"]}
    return document
