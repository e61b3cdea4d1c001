"""Variables, artifacts, saved searches, collections, blocks and the storage that the server hands out."""

from uuid import uuid4

from tests.contract.case import Case, nothing
from tests.contract.samples import BLOCK_FIELDS
from tests.contract.world import World
from tests.support.json import Json


def _this_artifact(world: World) -> Json:
    return {"artifacts": {"key": {"any_": [world["artifact"]["key"]]}}}


def _this_variable(world: World) -> Json:
    return {"variables": {"name": {"any_": [world["variable"]["name"]]}}}


def _this_block_type(world: World) -> Json:
    return {"block_types": {"slug": {"any_": [world["block_type"]["slug"]]}}}


def _new_search(_world: World) -> Json:
    criterion = {"object": "flow", "property": "tags", "type": "list", "operation": "any", "value": ["a"]}
    return {"name": f"search-{uuid4()}", "filters": [criterion]}


def _new_block_type(_world: World) -> Json:
    name = f"block-{uuid4()}"
    return {"name": name, "slug": name, "logo_url": "http://example.test/logo.png", "description": "d"}


def _new_block_schema(world: World) -> Json:
    fields = BLOCK_FIELDS | {"title": f"Block {uuid4()}"}
    return {"fields": fields, "block_type_id": world["block_type"]["id"], "capabilities": ["write-path"]}


def _new_block_document(world: World) -> Json:
    schema = world["block_schema"]
    return {
        "name": f"document-{uuid4()}", "data": {"path": "/", "password": "hush"},
        "block_schema_id": schema["id"], "block_type_id": schema["block_type_id"],
    }  # fmt: skip


VARIABLES = [
    Case(("POST", "/variables/"), 201, lambda _: {"name": f"variable-{uuid4()}", "value": [1, "a"], "tags": ["a"]}),
    Case(("GET", "/variables/{id}"), missing="detail"),
    Case(("PATCH", "/variables/{id}"), 204, lambda _: {"value": 2}, missing="detail"),
    Case(("DELETE", "/variables/{id}"), 204, missing="detail"),
    Case(("GET", "/variables/name/{name}"), missing="detail"),
    Case(("PATCH", "/variables/name/{name}"), 204, lambda _: {"tags": ["b"]}, missing="detail"),
    Case(("DELETE", "/variables/name/{name}"), 204, missing="detail"),
    Case(("POST", "/variables/filter"), 200, _this_variable, needs=("variable",)),
    Case(("POST", "/variables/count"), 200, _this_variable, needs=("variable",)),
]

ARTIFACTS = [
    Case(
        ("POST", "/artifacts/"),
        201,
        lambda _: {"key": f"artifact-{uuid4()}", "type": "table", "data": "[[1]]", "metadata_": {"rows": "1"}},
    ),
    Case(("GET", "/artifacts/{id}"), missing="detail"),
    Case(("PATCH", "/artifacts/{id}"), 204, lambda _: {"data": "# New", "description": "new"}, missing="detail"),
    Case(("DELETE", "/artifacts/{id}"), 204, missing="detail"),
    Case(("GET", "/artifacts/{key}/latest"), missing="detail"),
    Case(("POST", "/artifacts/filter"), 200, _this_artifact, needs=("artifact",)),
    Case(("POST", "/artifacts/latest/filter"), 200, _this_artifact, needs=("artifact",)),
    Case(("POST", "/artifacts/count"), 200, _this_artifact, needs=("artifact",)),
    Case(("POST", "/artifacts/latest/count"), 200, _this_artifact, needs=("artifact",)),
]

SAVED_SEARCHES = [
    Case(("PUT", "/saved_searches/"), 201, _new_search),
    Case(("GET", "/saved_searches/{id}"), missing="detail"),
    Case(("DELETE", "/saved_searches/{id}"), 204, missing="detail"),
    Case(("POST", "/saved_searches/filter"), 200, nothing, needs=("saved_search",)),
]

BLOCK_TYPES = [
    Case(("POST", "/block_types/"), 201, _new_block_type),
    Case(("GET", "/block_types/{id}"), missing="detail"),
    Case(("PATCH", "/block_types/{id}"), 204, lambda _: {"description": "new"}, missing="detail"),
    Case(("DELETE", "/block_types/{id}"), 204, missing="detail"),
    Case(("GET", "/block_types/slug/{slug}"), missing="detail"),
    Case(("POST", "/block_types/filter"), 200, _this_block_type, needs=("block_type",)),
    Case(("GET", "/block_types/slug/{slug}/block_documents"), needs=("block_document",), missing="detail"),
    Case(("GET", "/block_types/slug/{slug}/block_documents/name/{block_document_name}"), missing="detail"),
    Case(("POST", "/block_types/install_system_block_types")),
]

BLOCK_SCHEMAS = [
    Case(("POST", "/block_schemas/"), 201, _new_block_schema, needs=("block_type",)),
    Case(("GET", "/block_schemas/{id}"), missing="detail"),
    Case(("DELETE", "/block_schemas/{id}"), 204, missing="detail"),
    Case(
        ("POST", "/block_schemas/filter"),
        200,
        lambda w: {"block_schemas": {"id": {"any_": [w["block_schema"]["id"]]}}},
        needs=("block_schema",),
    ),
    Case(("GET", "/block_schemas/checksum/{checksum}"), missing="detail"),
    Case(("GET", "/block_capabilities/"), needs=("block_schema",)),
]

BLOCK_DOCUMENTS = [
    Case(("POST", "/block_documents/"), 201, _new_block_document, needs=("block_schema",)),
    Case(("GET", "/block_documents/{id}"), missing="detail"),
    Case(("PATCH", "/block_documents/{id}"), 204, lambda _: {"data": {"path": "/new"}}, missing="detail"),
    Case(("DELETE", "/block_documents/{id}"), 204, missing="detail"),
    Case(("POST", "/block_documents/filter"), 200, _this_block_type, needs=("block_document",)),
    Case(("POST", "/block_documents/count"), 200, _this_block_type, needs=("block_document",)),
]

ADMIN = [
    Case(("GET", "/admin/storage")),
    Case(
        ("PUT", "/admin/storage"),
        200,
        lambda w: {"default_result_storage_block_id": w["block_document"]["id"]},
        needs=("block_document",),
    ),
    Case(("DELETE", "/admin/storage"), 204),
    Case(("GET", "/collections/views/{view}"), missing="detail"),
]

CASES = [*VARIABLES, *ARTIFACTS, *SAVED_SEARCHES, *BLOCK_TYPES, *BLOCK_SCHEMAS, *BLOCK_DOCUMENTS, *ADMIN]
