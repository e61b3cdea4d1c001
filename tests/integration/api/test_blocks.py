"""Block types, schemas and documents: nesting, masking, merging, sealing, and what is told of them."""

import asyncio
from uuid import uuid4

import pytest

from tests.support.client import Api
from tests.support.database import query, settings_of
from tests.support.json import Json
from tests.support.recorded import recorded_events
from tests.support.server import Server

MASK = "********"


async def new_type(api: Api, **members: Json) -> Json:
    mark = uuid4().hex
    return await api.created("/block_types/", {"name": f"Type {mark}", "slug": f"type-{mark}", **members})


async def new_schema(api: Api, type_: Json, **members: Json) -> Json:
    fields: Json = {"title": f"T{uuid4().hex}", "type": "object", "properties": {}, "block_type_slug": type_["slug"]}
    capabilities = members.pop("capabilities", [])
    body: Json = {"block_type_id": type_["id"], "capabilities": capabilities, "fields": fields | members}
    return await api.created("/block_schemas/", body)


async def new_document(api: Api, schema: Json, data: Json, **members: Json) -> Json:
    ids = {"block_type_id": schema["block_type_id"], "block_schema_id": schema["id"]}
    return await api.created("/block_documents/", {"name": f"d-{uuid4().hex}", "data": data, **ids, **members})


def nested(document: Json) -> Json:
    return {"$ref": {"block_document_id": document["id"]}}


async def secrets_of(api: Api, document: Json) -> Json:
    return (await api.get(f"/block_documents/{document['id']}", include_secrets="true")).json["data"]


async def patch(api: Api, document: Json, **body: Json) -> int:
    return (await api.request("PATCH", f"/block_documents/{document['id']}", body)).status


async def test_a_block_type_is_made_changed_told_of_and_deleted_with_its_documents(api: Api) -> None:
    type_ = await new_type(api, description="<b> & c", code_example="a < b")
    assert (type_["description"], type_["code_example"]) == ("&lt;b&gt; &amp; c", "a &lt; b")
    document = await new_document(api, await new_schema(api, type_), {})
    path = f"/block_types/{type_['id']}"

    for description in ("same", "same"):
        assert (await api.request("PATCH", path, {"description": description})).status == 204
    assert (await api.get(f"/block_types/slug/{type_['slug']}")).json["description"] == "same"
    assert (await api.request("DELETE", path)).status == 204
    assert (await api.get(path)).json == {"detail": "Block type not found"}
    assert (await api.get(f"/block_documents/{document['id']}")).status == 404

    told = await recorded_events(api, f"prefect.block-type.{type_['id']}", 3)
    assert [event["event"].rpartition(".")[2] for event in told] == ["created", "updated", "deleted"]


async def test_names_and_slugs_of_types_are_checked(api: Api) -> None:
    type_ = await new_type(api)
    again = await api.post("/block_types/", {"name": "Other", "slug": type_["slug"]})
    reserved = await api.post("/block_types/", {"name": "prefect mine", "slug": f"x-{uuid4().hex}"})

    assert (again.status, again.json) == (409, {"detail": 'Block type with name "Other" already exists'})
    assert (reserved.status, "reserved" in reserved.json["detail"]) == (403, True)
    assert (await api.post("/block_types/", {"name": "a", "slug": "A B"})).status == 422


async def test_types_of_the_system_are_there_and_protected(api: Api) -> None:
    secret = (await api.get("/block_types/slug/secret")).json
    wanted = {"block_schemas": {"block_type_id": {"any_": [secret["id"]]}}}
    schema = (await api.post("/block_schemas/filter", wanted)).json[0]

    refused = await api.request("DELETE", f"/block_types/{secret['id']}")
    also = await api.request("DELETE", f"/block_schemas/{schema['id']}")
    again = await api.post("/block_types/install_system_block_types", {})

    assert (refused.status, refused.json) == (403, {"detail": "protected block types cannot be deleted."})
    assert (also.status, again.status) == (403, 200)
    assert len((await api.post("/block_types/filter", {"block_types": {"name": {"like_": "SECRET"}}})).json) == 3
    assert "write-path" in (await api.get("/block_capabilities/")).json


async def test_a_schema_is_found_by_its_checksum_and_version(api: Api) -> None:
    type_ = await new_type(api)
    body = {"block_type_id": type_["id"], "fields": {"title": uuid4().hex}, "capabilities": ["notify"]}

    first = await api.post("/block_schemas/", body)
    second = await api.post("/block_schemas/", body | {"capabilities": []})
    other = await api.post("/block_schemas/", body | {"version": "2"})

    assert (first.status, second.status, other.status) == (201, 200, 201)
    assert second.json == first.json
    path = f"/block_schemas/checksum/{first.json['checksum']}"
    assert (await api.get(path)).json["id"] == other.json["id"]
    assert (await api.get(path, version="non-versioned")).json["id"] == first.json["id"]
    assert (await api.get(path, version="3")).json == {"detail": "Block schema not found"}


async def test_nested_schemas_are_made_of_the_definitions(api: Api) -> None:
    inner, outer = await new_type(api), await new_type(api)
    definition = {"title": "Inner", "properties": {"mark": {"title": uuid4().hex}}, "block_type_slug": inner["slug"]}
    reference = {"block_type_slug": inner["slug"], "block_schema_checksum": "sha256:not-yet"}
    members = {"block_schema_references": {"a": reference}, "properties": {"a": {"$ref": "#/definitions/Inner"}}}

    schema = await new_schema(api, outer, definitions={"Inner": definition}, **members)

    wanted = {"block_schemas": {"block_type_id": {"any_": [inner["id"]]}}}
    (made,) = (await api.post("/block_schemas/filter", wanted)).json
    assert made["fields"] == definition
    assert schema["fields"]["definitions"] == {"Inner": definition}
    members["block_schema_references"] = {"a": reference | {"block_schema_checksum": made["checksum"]}}
    completed = await new_schema(api, outer, **members)
    assert completed["fields"]["definitions"] == {"Inner": definition}


@pytest.mark.parametrize(
    ("reference", "status"),
    [({"block_type_slug": "no-such", "block_schema_checksum": "x"}, 409), ({"block_type_slug": 1}, 422), ("x", 422)],
)
async def test_bad_references_of_schemas_are_refused(api: Api, reference: Json, status: int) -> None:
    type_ = await new_type(api)
    fields = {"title": uuid4().hex, "block_schema_references": {"a": reference}}

    assert (await api.post("/block_schemas/", {"block_type_id": type_["id"], "fields": fields})).status == status


async def test_a_schema_nested_in_itself_is_refused(api: Api) -> None:
    type_ = await new_type(api)
    reference = {"block_type_slug": type_["slug"], "block_schema_checksum": "sha256:never"}
    fields = {"title": uuid4().hex, "properties": {"a": {"$ref": "#/definitions/Me"}}}
    fields |= {"block_schema_references": {"a": reference}, "block_type_slug": type_["slug"]}

    body = {"block_type_id": type_["id"], "fields": fields | {"definitions": {"Me": fields}}}
    assert (await api.post("/block_schemas/", body)).status == 422


async def test_secrets_are_shown_only_where_asked_for_and_never_told(api: Api, server: Server) -> None:
    word = f"geheim-{uuid4().hex}"
    schema = await new_schema(api, await new_type(api), secret_fields=["pw", "h.*"])

    document = await new_document(api, schema, {"pw": word, "h": {"a": word}, "n": None, "open": "yes"})

    masked = {"pw": MASK, "h": {"a": MASK}, "n": None, "open": "yes"}
    assert document["data"] == masked
    wanted = {"block_documents": {"id": {"any_": [document["id"]]}}}
    assert (await api.post("/block_documents/filter", wanted)).json[0]["data"] == masked
    (shown,) = (await api.post("/block_documents/filter", wanted | {"include_secrets": True})).json
    assert shown["data"]["pw"] == word
    (told,) = await recorded_events(api, f"prefect.block-document.{document['id']}", 1)
    assert told["payload"]["data"] == {"open": "yes"}
    bad = await api.post("/block_documents/", {"name": "x", "data": {"pw": word}, "block_type_id": word})
    assert (bad.status, word.encode() in bad.body) == (422, False)
    assert word not in server.log_tail()


async def test_nothing_of_a_document_is_readable_in_the_database(api: Api, server: Server) -> None:
    word = f"geheim-{uuid4().hex}"
    schema = await new_schema(api, await new_type(api), secret_fields=["pw"])
    document = await new_document(api, schema, {"pw": word})
    assert (await secrets_of(api, document))["pw"] == word

    settings = settings_of(server.database_url, server.home)
    for sql in ("SELECT name, data FROM block_documents", "SELECT resource_id, CAST(payload AS text) FROM events"):
        stored = str(await asyncio.to_thread(query, settings, sql))
        assert word not in stored
    assert document["id"] in stored
    assert (server.home / "encryption.key").stat().st_mode & 0o777 == 0o600


async def test_nested_documents_stand_in_their_places_with_their_own_masks(api: Api) -> None:
    inner = await new_document(
        api, await new_schema(api, await new_type(api), secret_fields=["pw"]), {"pw": "s", "x": 1}
    )
    middle = await new_document(api, await new_schema(api, await new_type(api)), {"in": nested(inner)})
    outer = await new_document(api, await new_schema(api, await new_type(api)), {"mid": nested(middle), "a": 1})

    assert outer["data"] == {"a": 1, "mid": {"in": {"pw": MASK, "x": 1}}}
    assert (await secrets_of(api, outer))["mid"] == {"in": {"pw": "s", "x": 1}}
    reference = outer["block_document_references"]["mid"]["block_document"]
    assert (reference["id"], reference["block_type"]["id"]) == (middle["id"], middle["block_type_id"])
    assert reference["block_document_references"]["in"]["block_document"]["name"] == inner["name"]
    assert (await api.request("DELETE", f"/block_documents/{inner['id']}")).status == 204
    assert (await secrets_of(api, outer)) == {"a": 1, "mid": {}}


async def test_a_change_is_merged_or_replaces(api: Api) -> None:
    schema = await new_schema(api, await new_type(api), secret_fields=["k"])
    inner = await new_document(api, schema, {})
    document = await new_document(api, schema, {"a": 1, "k": "kk", "in": nested(inner)})

    assert await patch(api, document) == 204
    assert "in" in await secrets_of(api, document)
    assert await patch(api, document, data={"a": 2, "k": MASK}) == 204
    assert await secrets_of(api, document) == {"a": 2, "k": "kk"}
    assert await patch(api, document, data={"a": nested(inner)}) == 204
    assert await secrets_of(api, document) == {"a": {}, "k": "kk"}
    assert await patch(api, document, data={"k": MASK}, merge_existing_data=False) == 204
    assert await secrets_of(api, document) == {"k": "kk"}


async def test_changes_at_once_are_all_merged(api: Api) -> None:
    document = await new_document(api, await new_schema(api, await new_type(api)), {})

    statuses = await asyncio.gather(*(patch(api, document, data={f"n{number}": number}) for number in range(10)))

    assert set(statuses) == {204}
    assert await secrets_of(api, document) == {f"n{number}": number for number in range(10)}


async def test_a_document_is_never_nested_in_itself(api: Api) -> None:
    schema = await new_schema(api, await new_type(api))
    first = await new_document(api, schema, {})
    second = await new_document(api, schema, {"a": nested(first)})
    third = await new_document(api, schema, {"a": nested(second)})

    for document in (first, second, third):
        answer = await api.request("PATCH", f"/block_documents/{first['id']}", {"data": {"a": nested(document)}})
        assert answer.status == 400
        assert f"(parent={first['id']}, reference={document['id']})" in answer.json["detail"]
    assert await secrets_of(api, first) == {}


async def test_references_tied_at_once_close_no_circle(api: Api) -> None:
    schema = await new_schema(api, await new_type(api))
    ring = [await new_document(api, schema, {}) for _ in range(6)]

    links = zip(ring, [*ring[1:], ring[0]], strict=True)
    statuses = await asyncio.gather(*(patch(api, one, data={"next": nested(other)}) for one, other in links))

    assert sorted(statuses) == [204] * 5 + [400]


@pytest.mark.parametrize(
    ("reference", "status"),
    [({}, 400), ({"block_document_id": "zz"}, 400), (7, 400), ({"block_document_id": str(uuid4())}, 409)],
)
async def test_bad_references_of_documents_are_refused(api: Api, reference: Json, status: int) -> None:
    schema = await new_schema(api, await new_type(api))
    ids = {"block_type_id": schema["block_type_id"], "block_schema_id": schema["id"]}

    body = {"name": f"d-{uuid4().hex}", "data": {"a": {"$ref": reference}}, **ids}
    assert (await api.post("/block_documents/", body)).status == status


async def test_names_of_documents_are_needed_and_taken_once_in_a_type(api: Api) -> None:
    schema = await new_schema(api, await new_type(api))
    ids = {"block_type_id": schema["block_type_id"], "block_schema_id": schema["id"]}
    first = await new_document(api, schema, {})

    again = await api.post("/block_documents/", {"name": first["name"], **ids})
    assert (again.status, again.json) == (409, {"detail": "Block already exists"})
    assert (await api.post("/block_documents/", ids)).status == 422
    assert (await api.post("/block_documents/", {"name": "A", **ids})).status == 422
    unknown = {"name": "x", **ids, "block_schema_id": str(uuid4())}
    assert (await api.post("/block_documents/", unknown)).status == 409


async def test_anonymous_documents_are_hidden_unless_asked_for(api: Api) -> None:
    type_ = await new_type(api)
    schema = await new_schema(api, type_)
    named = await new_document(api, schema, {})
    hidden = await new_document(api, schema, {}, name=None, is_anonymous=True)
    of_type = {"block_type_id": {"any_": [type_["id"]]}}

    async def found(**wanted: Json) -> set[str]:
        body = {"block_documents": of_type | wanted}
        listed = (await api.post("/block_documents/filter", body)).json
        assert (await api.post("/block_documents/count", body)).json == len(listed)
        return {document["id"] for document in listed}

    assert hidden["name"].startswith("anonymous-")
    assert await found() == {named["id"]}
    assert await found(is_anonymous=None) == {named["id"], hidden["id"]}
    assert await found(is_anonymous={"eq_": True}) == {hidden["id"]}
    by_type = f"/block_types/slug/{type_['slug']}/block_documents"
    assert [document["id"] for document in (await api.get(by_type)).json] == [named["id"]]
    assert (await api.get(f"{by_type}/name/{hidden['name']}")).json["id"] == hidden["id"]
    assert (await api.get(f"{by_type}/name/none")).json == {"detail": "Block document not found"}
    assert (await api.get("/block_types/slug/no-such/block_documents")).json == {"detail": "Block type not found"}


async def test_lists_are_filtered_by_type_and_schema(api: Api) -> None:
    type_ = await new_type(api)
    schema = await new_schema(api, type_, capabilities=["x-one", "x-two"])
    document = await new_document(api, schema, {})
    mine = {"slug": {"any_": [type_["slug"]]}}

    async def ids(noun: str, **body: Json) -> list[str]:
        return [each["id"] for each in (await api.post(f"/{noun}/filter", body)).json]

    for capabilities, expected in ((["x-one", "x-two"], 1), (["x-one", "y"], 0)):
        wanted = {"block_capabilities": {"all_": capabilities}, "block_type_id": {"any_": [type_["id"]]}}
        assert await ids("block_documents", block_types=mine, block_schemas=wanted) == [document["id"]] * expected
        assert await ids("block_types", block_types=mine, block_schemas=wanted) == [type_["id"]] * expected
        assert await ids("block_schemas", block_schemas=wanted) == [schema["id"]] * expected
    for sort in ("NAME_ASC", "NAME_DESC", "BLOCK_TYPE_AND_NAME_ASC"):
        assert await ids("block_documents", block_types=mine, sort=sort) == [document["id"]]


async def test_a_document_keeps_its_type(api: Api) -> None:
    type_ = await new_type(api)
    document = await new_document(api, await new_schema(api, type_), {"a": 1})
    newer, other = await new_schema(api, type_), await new_schema(api, await new_type(api))

    assert await patch(api, document, block_schema_id=newer["id"]) == 204
    assert await patch(api, document, block_schema_id=other["id"]) == 400
    found = (await api.get(f"/block_documents/{document['id']}")).json
    assert (found["block_schema"]["id"], found["data"]) == (newer["id"], {"a": 1})


async def test_the_default_result_storage_is_a_block_that_writes(api: Api) -> None:
    type_ = await new_type(api)
    writes = await new_document(api, await new_schema(api, type_, capabilities=["write-path"]), {})
    reads = await new_document(api, await new_schema(api, type_, capabilities=["read-path"]), {})

    async def put(id_: str) -> tuple[int, Json]:
        answer = await api.request("PUT", "/admin/storage", {"default_result_storage_block_id": id_})
        return answer.status, answer.json

    unknown = str(uuid4())
    assert await put(unknown) == (404, {"detail": f"Block document {unknown} not found."})
    assert (await put(reads["id"]))[0] == 422
    chosen = {"default_result_storage_block_id": writes["id"]}
    assert await put(writes["id"]) == (200, chosen)
    assert (await api.get("/admin/storage")).json == chosen
    await api.request("DELETE", f"/block_documents/{writes['id']}")
    assert (await api.get("/admin/storage")).json == {"default_result_storage_block_id": None}
    assert (await api.request("DELETE", "/admin/storage")).status == 204
