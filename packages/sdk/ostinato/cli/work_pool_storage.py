"""`ostinato work-pool storage`: where flows bound to a work pool ship their code and keep their results.

Experimental, as in the reference: the steps that are written are those of its cloud packages, which run them.
"""

from dataclasses import dataclass
from typing import Annotated, Any, cast

from ostinato.cli import completing, output
from ostinato.cli.connection import expecting, server
from ostinato.cli.lazy import Group, new_app
from ostinato.cli.names import not_found
from ostinato.cli.params import argument, option
from ostinato.client.errors import ObjectNotFound
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato_wire.block_documents import BlockDocument, BlockDocumentCreate, BlockDocumentUpdate
from ostinato_wire.work_pools import StorageConfiguration, WorkPoolUpdate

app = new_app("Look at and set where a pool's runs keep bundles of code and results (experimental).")
configure = new_app("Set where a pool's runs keep bundles of code and results (experimental).")
app.add_typer(configure, name="configure", cls=Group)

# Any below: JSON values.

Name = Annotated[str, argument(help="Name of the work pool.", autocompletion=completing.named("Work pool"))]
Launcher = Annotated[
    str | None, option("--launcher", help="Program that uploads and runs bundles, in the place of Python.")
]
LauncherArg = Annotated[list[str] | None, option("--launcher-arg", help="Its argument; repeatable.")]
UploadLauncher = Annotated[str | None, option("--upload-launcher", help="The same for uploads only.")]
UploadArg = Annotated[list[str] | None, option("--upload-launcher-arg", help="A further argument; repeatable.")]
ExecutionLauncher = Annotated[str | None, option("--execution-launcher", help="The same for running only.")]
ExecutionArg = Annotated[list[str] | None, option("--execution-launcher-arg", help="A further argument; repeatable.")]

RESULT_FOLDER = "results"


@dataclass(frozen=True)
class _Cloud:
    """One kind of storage: its words on the wire."""

    label: str
    package: str
    place: str
    """The member, and the option, that names bucket or container."""
    credentials: str
    """The type of its credentials, the member of a step that names them being `<this>_block_name`."""
    block: str
    """The type of the block that keeps results."""
    block_place: str
    block_credentials: str
    has_folder: bool = True

    @property
    def module(self) -> str:
        return self.package.replace("-", "_")

    @property
    def credentials_member(self) -> str:
        return f"{self.credentials.replace('-', '_')}_block_name"

    def step(self, what: str) -> str:
        """Return the name of the step that uploads or executes bundles."""
        return f"{self.module}.experimental.bundles.{what}"


_S3 = _Cloud("S3", "prefect-aws", "bucket", "aws-credentials", "s3-bucket", "bucket_name", "credentials")
_GCS = _Cloud("GCS", "prefect-gcp", "bucket", "gcp-credentials", "gcs-bucket", "bucket", "gcp_credentials")
_AZURE = _Cloud(
    "Azure Blob Storage",
    "prefect-azure",
    "container",
    "azure-blob-storage-credentials",
    "azure-blob-storage-container",
    "container_name",
    "credentials",
    has_folder=False,
)
_CLOUDS = (_S3, _GCS, _AZURE)


@dataclass(frozen=True)
class _Launchers:
    """Programs in the place of Python: a shared one, and those of one purpose."""

    shared: str | None
    shared_args: list[str] | None
    upload: str | None
    upload_args: list[str] | None
    execution: str | None
    execution_args: list[str] | None

    def of_upload(self) -> list[str]:
        return self._of(self.upload, self.upload_args, "--upload-launcher")

    def of_execution(self) -> list[str]:
        return self._of(self.execution, self.execution_args, "--execution-launcher")

    def _of(self, own: str | None, own_args: list[str] | None, name: str) -> list[str]:
        """An own program replaces the shared one with its arguments; own arguments alone extend it."""
        program = own or self.shared
        args = [*([] if own else self.shared_args or []), *(own_args or [])]
        if program is None and args:
            output.fail(f"There are arguments but no program: give --launcher or {name}.")
        return [] if program is None else [program, *args]


@app.command()
def inspect(name: Name, as_json: output.OutputOption = None) -> None:
    """Show where a pool's runs keep bundles of code and results."""
    with server() as client, expecting("Work pool", name):
        found = client.read_work_pool(name).storage_configuration
    facts = _facts(found)
    if as_json:
        output.print_json(facts)
    elif not facts:
        output.say(f"No storage configuration found for work pool '{name}'")
    else:
        rows = [(output.plain(label), output.plain(value)) for label, value in _flat(facts)]
        output.print_table(f"Storage Configuration for {output.plain(name)}", ["Setting", "Value"], rows)


def _facts(found: StorageConfiguration) -> dict[str, Any]:
    """Return the kind of storage and what its two steps are given; nothing if there are none."""
    upload, execution = found.bundle_upload_step or {}, found.bundle_execution_step or {}
    if not upload and not execution:
        return {}
    step = next(iter(upload or execution))
    kind = next((cloud.label for cloud in _CLOUDS if step.startswith(f"{cloud.module}.")), step)
    return {
        "type": kind,
        "upload": next(iter(upload.values()), None),
        "execution": next(iter(execution.values()), None),
    }


def _flat(facts: dict[str, Any]) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in facts.items():
        inner = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        rows += [(f"{name}.{key}", item) for key, item in inner.items()] if inner else [(name, value)]
    return rows


def _add_command(name: str, cloud: _Cloud, summary: str) -> None:
    """Add the command that configures one kind of storage."""

    @configure.command(name, help=summary)
    def _command(
        name: Name,
        place: Annotated[str | None, option(f"--{cloud.place}", help=f"The {cloud.place}.")] = None,
        credentials: Annotated[
            str | None, option(f"--{cloud.credentials}-block-name", help=f"Block of the type {cloud.credentials}.")
        ] = None,
        launcher: Launcher = None,
        launcher_arg: LauncherArg = None,
        upload_launcher: UploadLauncher = None,
        upload_launcher_arg: UploadArg = None,
        execution_launcher: ExecutionLauncher = None,
        execution_launcher_arg: ExecutionArg = None,
    ) -> None:
        launchers = _Launchers(
            launcher, launcher_arg, upload_launcher, upload_launcher_arg, execution_launcher, execution_launcher_arg
        )
        _configure(name, cloud, place, credentials, launchers)


_add_command("s3", _S3, "Keep them in a bucket of AWS S3.")
_add_command("gcs", _GCS, "Keep them in a bucket of Google Cloud Storage.")
_add_command("azure-blob-storage", _AZURE, "Keep them in a container of Azure Blob Storage.")


def _configure(name: str, cloud: _Cloud, place: str | None, credentials: str | None, launchers: _Launchers) -> None:
    upload, execution = launchers.of_upload(), launchers.of_execution()
    place = place or output.ask(f"Name of the {cloud.place}", f"Give --{cloud.place}: nobody can be asked for it.")
    with server() as client:
        with expecting("Work pool", name):
            client.read_work_pool(name)
        document = _credentials(client, cloud, credentials) if credentials else None
        results = _keep_results(client, f"default-{name}-result-storage", cloud, place, document)
        given = {cloud.place: place} | ({cloud.credentials_member: credentials} if credentials else {})
        storage = StorageConfiguration(
            bundle_upload_step={cloud.step("upload"): given | _runs_in(cloud, upload)},
            bundle_execution_step={cloud.step("execute"): given | _runs_in(cloud, execution)},
            default_result_storage_block_id=results.id,
        )
        client.update_work_pool(name, WorkPoolUpdate(storage_configuration=storage))
    output.succeed(f"Configured {cloud.label} storage for work pool '{name}'")


def _runs_in(cloud: _Cloud, launcher: list[str]) -> dict[str, Any]:
    """Return how a step is run: by a program of its own, or with the package that has it."""
    return {"launcher": launcher} if launcher else {"requires": cloud.package}


def _credentials(client: SyncOstinatoClient, cloud: _Cloud, name: str) -> BlockDocument:
    try:
        return client.read_block_document_by_name(name, cloud.credentials, include_secrets=False)
    except ObjectNotFound:
        not_found("Block", f"{cloud.credentials}/{name}")


def _keep_results(
    client: SyncOstinatoClient, name: str, cloud: _Cloud, place: str, credentials: BlockDocument | None
) -> BlockDocument:
    """Make or change the block where the results of the pool's runs are kept, and return it."""
    reference = {"$ref": {"block_document_id": str(credentials.id)}} if credentials else {}
    data: dict[str, Any] = {cloud.block_place: place, cloud.block_credentials: reference}
    if cloud.has_folder:
        data["bucket_folder"] = RESULT_FOLDER
    with expecting("Block type", cloud.block):
        block_type = client.read_block_type_by_slug(cloud.block)
    schema = client.get_most_recent_block_schema_for_block_type(block_type.id)
    if schema is None:
        output.fail(f"The server has no schema of the block type '{cloud.block}'.")
    try:
        known = client.read_block_document_by_name(name, cloud.block, include_secrets=False)
    except ObjectNotFound:
        body = BlockDocumentCreate(name=name, data=data, block_schema_id=schema.id, block_type_id=block_type.id)
        return client.create_block_document(body)
    body = BlockDocumentUpdate(data=data, block_schema_id=schema.id, merge_existing_data=False)
    client.update_block_document(known.id, body)
    return known
