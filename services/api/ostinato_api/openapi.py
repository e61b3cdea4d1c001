"""The OpenAPI document, made of the endpoints' declarations, and a page to browse it."""

import re
from collections.abc import Iterable
from datetime import timedelta
from importlib.resources import files
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core.core_schema import TimedeltaSchema

from ostinato_api.endpoint import ANY_METHOD, Reply, Route
from ostinato_wire import API_VERSION

_PARAMETER = re.compile(r"\{(\w+)\}")
_SHOWN_METHOD = {ANY_METHOD: "POST"}
"""OpenAPI has no word for any method: the one that is used most stands for all."""
Json = dict[str, Any]  # Any: JSON


class _Schemas(GenerateJsonSchema):
    """Durations are numbers of seconds in requests, as in answers; that ISO 8601 is understood, too, is not told."""

    def timedelta_schema(self, schema: TimedeltaSchema) -> JsonSchemaValue:
        return {"type": "number"}

    def encode_default(self, dft: Any) -> Any:  # Any: values of any type
        return dft.total_seconds() if isinstance(dft, timedelta) else super().encode_default(dft)


def document(routes: Iterable[Route], base_path: str) -> Json:
    """Return the OpenAPI 3.1 document of the routes."""
    shown = list(routes)
    schemas, definitions = _schemas(shown)
    paths: dict[str, Json] = {}
    for index, route in enumerate(shown):
        paths.setdefault(route.path, {})[_SHOWN_METHOD.get(route.method, route.method).lower()] = _operation(
            route, index, schemas
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ostinato", "version": API_VERSION, "description": "Speaks the wire of Prefect 3."},
        "servers": [{"url": base_path}],
        "paths": paths,
        "components": {"schemas": definitions},
    }


def _schemas(routes: list[Route]) -> tuple[dict[tuple[int, JsonSchemaMode], Json], Json]:
    inputs: list[tuple[int, JsonSchemaMode, Any]] = []  # Any: pydantic's core schema
    for index, route in enumerate(routes):
        if route.endpoint.body is not None:
            inputs.append((index, "validation", TypeAdapter(route.endpoint.body).core_schema))
        if route.endpoint.returns is not None:
            inputs.append((index, "serialization", TypeAdapter(route.endpoint.returns).core_schema))
    generator = _Schemas(ref_template="#/components/schemas/{model}")
    schemas, definitions = generator.generate_definitions(inputs)
    return schemas, {str(name): schema for name, schema in definitions.items()}


def _operation(route: Route, index: int, schemas: dict[tuple[int, JsonSchemaMode], Json]) -> Json:
    declared = route.endpoint
    answer = schemas.get((index, "serialization"))
    operation: Json = {
        "tags": [route.tag],
        "summary": declared.summary,
        # Unique, as generators of clients need it: nouns have handlers of the same name.
        "operationId": f"{declared.handler.__module__.rpartition('.')[2]}.{declared.handler.__name__}",
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {str(status): _response(answer) for status in declared.statuses},
    }
    body = schemas.get((index, "validation"))
    if body is not None:
        content = {"application/json": {"schema": body}}
        operation["requestBody"] = {"required": not declared.optional_body, "content": content}
        operation["responses"]["422"] = {"description": "The request does not fit its schema."}
    return operation


def _response(schema: Json | None) -> Json:
    if schema is None:
        return {"description": "Done."}
    return {"description": "The answer.", "content": {"application/json": {"schema": schema}}}


def _path_parameters(route: Route) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "format": "uuid"} if name == "id" else {"type": "string"},
        }
        for name in _PARAMETER.findall(route.path)
    ]


def _query_parameters(route: Route) -> list[Json]:
    model = route.endpoint.query
    if model is None:
        return []
    schema = model.model_json_schema(by_alias=True, schema_generator=_Schemas)
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": member}
        for name, member in schema["properties"].items()
    ]


def add_to(app: web.Application, routes: list[Route], base_path: str) -> None:
    """Serve the document at `/openapi.json` and the page at `/docs`, below the base path."""
    made: list[Json] = []

    async def serve_document(request: web.Request) -> web.StreamResponse:
        if not made:
            made.append(document(routes, base_path))
        return Reply(made[0]).to_response()

    async def serve_page(request: web.Request) -> web.StreamResponse:
        page = files("ostinato_api").joinpath("docs.html").read_text(encoding="utf-8")
        return web.Response(text=page, content_type="text/html")

    app.router.add_get(f"{base_path}/openapi.json", serve_document)
    app.router.add_get(f"{base_path}/docs", serve_page)
