"""`ostinato artifact`: what runs left for people to see."""

from typing import Annotated

from ostinato.cli import completing, output, runs
from ostinato.cli.connection import expecting, parse_id, server
from ostinato.cli.lazy import new_app
from ostinato.cli.names import not_found
from ostinato.cli.params import argument, option
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.client.paging import PAGE
from ostinato_wire.artifacts import Artifact, ArtifactFilter, ArtifactSort, KeyFilter

app = new_app("Look at artifacts, and delete them.")


@app.command("ls")
def list_artifacts(
    limit: Annotated[int, option("--limit", min=1, help="Show at most so many.")] = 100,
    every: Annotated[bool, option("-a", "--all", help="All of each key, not the latest alone.")] = False,
    as_json: output.OutputOption = None,
) -> None:
    """List the latest artifact of each key, or all."""
    with server() as client:
        found = (
            client.read_artifacts(sort=ArtifactSort.KEY_ASC, limit=limit)
            if every
            else client.read_latest_artifacts(sort=ArtifactSort.KEY_ASC, limit=limit)
        )
    if as_json:
        output.print_json([runs.json_of(artifact) for artifact in found])
        return
    rows = [
        (
            str(artifact.id if isinstance(artifact, Artifact) else artifact.latest_id),
            output.plain(artifact.key or ""),
            output.plain(artifact.type or ""),
            output.relative(artifact.updated),
        )
        for artifact in found
    ]
    output.print_table("Artifacts", ["ID", "Key", "Type", "Updated"], rows)


@app.command()
def inspect(
    key: Annotated[str, argument(help="Key of the artifacts.", autocompletion=completing.named("Artifact"))],
    limit: Annotated[int, option("--limit", min=1, help="Show at most so many.")] = 10,
    as_json: output.OutputOption = None,
) -> None:
    """Show the artifacts of a key, latest first."""
    with server() as client:
        found = client.read_artifacts(_of_key(key), ArtifactSort.UPDATED_DESC, limit)
    if not found:
        not_found("Artifact", key)
    if as_json:
        output.print_json([runs.json_of(artifact) for artifact in found])
        return
    for artifact in found:
        runs.show_object(artifact, None)


@app.command()
def delete(
    key: Annotated[
        str | None,
        argument(help="Key of the artifacts: all of them are deleted.", autocompletion=completing.named("Artifact")),
    ] = None,
    artifact_id: Annotated[str | None, option("--id", help="Id of one artifact.")] = None,
) -> None:
    """Delete one artifact by its id, or all of a key."""
    if (key is None) == (artifact_id is None):
        output.fail("Give either a key or --id.")
    with server() as client:
        if artifact_id is not None:
            _delete_one(client, artifact_id)
        else:
            _delete_all(client, str(key))


def _delete_one(client: SyncOstinatoClient, text: str) -> None:
    with expecting("Artifact", text):
        found = client.read_artifact(parse_id("Artifact", text))
        output.confirm(f"Delete artifact '{found.id}'?")
        client.delete_artifact(found.id)
    output.succeed(f"Deleted artifact '{found.id}'.")


def _delete_all(client: SyncOstinatoClient, key: str) -> None:
    if not client.read_artifacts(_of_key(key), limit=1):
        not_found("Artifact", key)
    output.confirm(f"Delete all artifacts with the key '{key}'?")
    count = 0
    while found := client.read_artifacts(_of_key(key), limit=PAGE):
        for artifact in found:
            client.delete_artifact(artifact.id)
        count += len(found)
    output.succeed(f"Deleted {count} artifact(s) with the key '{key}'.")


def _of_key(key: str) -> ArtifactFilter:
    return ArtifactFilter(key=KeyFilter(any_=[key]))
