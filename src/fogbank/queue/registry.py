"""The schema registry's routes. Open to everybody: formats are nobody's secret, and tools fetch them without a key."""

import msgspec
from fastapi import APIRouter, Response

from fogbank.events.schemas.registry import Published, published
from fogbank.queue.asyncapi import asyncapi_document
from fogbank.queue.door.views import PublishedSchema
from fogbank.runtime.http.problems import problem_responses
from fogbank.runtime.problems import Problem

SCHEMAS_PATH = "/api/v1/schemas"
SCHEMA_JSON = "application/schema+json"
ASYNCAPI_JSON = "application/vnd.aai.asyncapi+json;version=3.0.0"
CACHE_AN_HOUR = {"cache-control": "public, max-age=3600"}
DOCUMENT = {"type": "object", "additionalProperties": True}


def registry_routes() -> APIRouter:
    """Every type and version of event as JSON Schema, and the queue as AsyncAPI."""
    router = APIRouter(prefix=SCHEMAS_PATH, tags=["schemas"])
    schemas = {(each.type, each.version): each for each in published()}
    encoded = {key: msgspec.json.encode(each.schema) for key, each in schemas.items()}
    asyncapi = msgspec.json.encode(asyncapi_document())

    @router.get("")
    async def list_schemas() -> list[PublishedSchema]:
        """Every type and version of event that crosses the wire."""
        return [_view(each) for each in schemas.values()]

    @router.get("/asyncapi.json", response_class=Response, responses=_documents(ASYNCAPI_JSON))
    async def read_asyncapi() -> Response:
        """The queue's subjects, messages and headers as an AsyncAPI 3.0 document."""
        return Response(asyncapi, headers=CACHE_AN_HOUR, media_type=ASYNCAPI_JSON)

    @router.get(
        "/{type}/{version}",
        response_class=Response,
        responses={**_documents(SCHEMA_JSON), **problem_responses(404)},
    )
    async def read_schema(type: str, version: str) -> Response:  # noqa: A002 - the path's own word
        """One version of one type of event, as JSON Schema 2020-12."""
        schema = encoded.get((type, version))
        if schema is None:
            known = ", ".join(f"{name} {its}" for name, its in schemas)
            detail = f"There is no schema of that type and version; there are {known}."
            raise Problem(404, "not-found", detail)
        return Response(schema, headers=CACHE_AN_HOUR, media_type=SCHEMA_JSON)

    return router


def _view(each: Published) -> PublishedSchema:
    path = f"{SCHEMAS_PATH}/{each.type}/{each.version}"
    return PublishedSchema(each.type, each.version, each.title, each.schema["$id"], path)


def _documents(media_type: str) -> dict[int | str, dict[str, object]]:
    return {200: {"description": "The document.", "content": {media_type: {"schema": DOCUMENT}}}}
