"""What the origin says of the process behind its gateway: how its components are, and what its routes take and give."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import msgspec
from starlette.routing import compile_path

from fogbank.runtime.http.gateway import Gateway
from fogbank.runtime.http.status import STATUS_PATH, ComponentStatusView, StatusView

DESCRIPTION_PATH = "/api/v1/openapi.json"
ANSWER_SECONDS = 5.0


async def status_behind(gateway: Gateway) -> list[ComponentStatusView]:
    """How the components behind `gateway` are; one that does not answer is not well, under the gateway's name."""
    try:
        answer = await gateway.http.get(STATUS_PATH, timeout=ANSWER_SECONDS)
        return msgspec.json.decode(answer.content, type=StatusView).components
    except (httpx.TransportError, msgspec.MsgspecError) as error:
        reason = str(error) or type(error).__name__
        return [ComponentStatusView(gateway.name, ok=False, last_success_at=None, detail=f"does not answer: {reason}")]


async def described_with(gateway: Gateway, own: Mapping[str, Any]) -> dict[str, Any]:
    """Our OpenAPI document with the forwarded routes as their own process describes them; without, if it is down."""
    try:
        answer = await gateway.http.get(DESCRIPTION_PATH, timeout=ANSWER_SECONDS)
        theirs = msgspec.json.decode(answer.content, type=dict[str, Any])
    except (httpx.TransportError, msgspec.MsgspecError):
        return dict(own)
    return joined(own, theirs, gateway.paths)


def joined(own: Mapping[str, Any], theirs: Mapping[str, Any], forwarded: Sequence[str]) -> dict[str, Any]:
    """Our routes and schemas, and theirs as far as they are forwarded; where both have one, ours."""
    patterns = [compile_path(template)[0] for template in forwarded]
    reachable = {
        path: routes
        for path, routes in theirs.get("paths", {}).items()
        if any(pattern.match(path) for pattern in patterns)
    }
    components = own.get("components", {})
    schemas = {**theirs.get("components", {}).get("schemas", {}), **components.get("schemas", {})}
    return {
        **own,
        "paths": {**reachable, **own.get("paths", {})},
        "components": {**components, "schemas": schemas},
    }
