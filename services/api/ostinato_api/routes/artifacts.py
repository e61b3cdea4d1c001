"""Artifacts, and the latest of each key."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.artifacts import operations
from ostinato_wire.artifacts import (
    Artifact,
    ArtifactCollection,
    ArtifactCollectionsQuery,
    ArtifactCollectionsWhere,
    ArtifactCreate,
    ArtifactsQuery,
    ArtifactsWhere,
    ArtifactUpdate,
)

routes = Routes("Artifacts")


@routes.post("/artifacts/")
@endpoint(body=ArtifactCreate, returns=Artifact, statuses=(201,))
async def create_artifact(call: Call[ArtifactCreate]) -> Reply:
    """Store an artifact."""
    return Reply(await call.write(operations.create_artifact, call.body), 201)


@routes.get("/artifacts/{id}")
@endpoint(returns=Artifact)
async def read_artifact(call: Call[None]) -> Reply:
    """One artifact."""
    return Reply(await call.lookup(operations.read_artifact, call.id))


@routes.get("/artifacts/{key}/latest")
@endpoint(returns=Artifact)
async def read_latest_artifact(call: Call[None]) -> Reply:
    """The latest artifact of a key."""
    return Reply(await call.lookup(operations.read_latest, call.path("key")))


@routes.post("/artifacts/filter")
@endpoint(body=ArtifactsQuery, returns=list[Artifact])
async def read_artifacts(call: Call[ArtifactsQuery]) -> Reply:
    """Artifacts that match."""
    return Reply(await call.read(operations.read_artifacts, call.body, limit_of(call, call.body.limit)))


@routes.post("/artifacts/latest/filter")
@endpoint(body=ArtifactCollectionsQuery, returns=list[ArtifactCollection])
async def read_latest_artifacts(call: Call[ArtifactCollectionsQuery]) -> Reply:
    """The latest artifacts of keys, those that match."""
    return Reply(await call.read(operations.read_collections, call.body, limit_of(call, call.body.limit)))


@routes.post("/artifacts/count")
@endpoint(body=ArtifactsWhere, returns=int)
async def count_artifacts(call: Call[ArtifactsWhere]) -> Reply:
    """How many artifacts match."""
    return Reply(await call.read(operations.count_artifacts, call.body))


@routes.post("/artifacts/latest/count")
@endpoint(body=ArtifactCollectionsWhere, returns=int)
async def count_latest_artifacts(call: Call[ArtifactCollectionsWhere]) -> Reply:
    """How many keys have a latest artifact that matches."""
    return Reply(await call.read(operations.count_collections, call.body))


@routes.patch("/artifacts/{id}")
@endpoint(body=ArtifactUpdate, statuses=(204,))
async def update_artifact(call: Call[ArtifactUpdate]) -> Reply:
    """Change an artifact."""
    await call.write(operations.update_artifact, call.id, call.body)
    return NO_CONTENT


@routes.delete("/artifacts/{id}")
@endpoint(statuses=(204,))
async def delete_artifact(call: Call[None]) -> Reply:
    """Delete an artifact."""
    await call.write(operations.delete_artifact, call.id)
    return NO_CONTENT
