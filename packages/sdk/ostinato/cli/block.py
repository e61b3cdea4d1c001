"""`ostinato block`: stored configuration and credentials, and their types."""

from pathlib import Path
from types import ModuleType
from typing import Annotated, NoReturn

from ostinato.cli import completing, output, runs
from ostinato.cli.connection import expecting, parse_id, server, ui_page
from ostinato.cli.lazy import Group, did_you_mean, new_app
from ostinato.cli.names import similar
from ostinato.cli.params import argument, option
from ostinato.client.errors import ObjectNotFound
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.client.paging import every
from ostinato.deployments.entrypoints import import_file, import_module
from ostinato.exceptions import ProtectedBlockError, ScriptError
from ostinato_wire.block_documents import BlockDocument, BlockDocumentSort
from ostinato_wire.block_types import BlockType

app = new_app("Look at blocks and their types, register and delete them.")
types = new_app("Look at types of blocks, and delete them.")
app.add_typer(types, name="type", cls=Group)

Reference = Annotated[
    str | None, argument(metavar="[SLUG/NAME]", help="The block: type/name.", autocompletion=completing.named("Block"))
]
Id = Annotated[str | None, option("--id", help="Id of the block.")]
Slug = Annotated[
    str, argument(help="Slug of the type, as `block type ls` shows it.", autocompletion=completing.named("Block type"))
]


@app.command()
def register(
    module: Annotated[str | None, option("-m", "--module", help="Module with block classes.")] = None,
    file: Annotated[Path | None, option("-f", "--file", help="Python file with block classes.")] = None,
) -> None:
    """Make the server know all block classes that a module or a file defines."""
    if (module is None) == (file is None):
        output.fail("Give either --module or --file.")
    from ostinato.blocks.core import Block

    namespace = vars(_imported(module, file))
    found = [
        kind
        for kind in namespace.values()
        if isinstance(kind, type) and issubclass(kind, Block) and kind.__module__ == namespace["__name__"]
    ]
    if not found:
        output.fail(f"There are no block classes in {module or file}.")
    with server():
        for kind in found:
            kind.register_type_and_schema(_sync=True)
    output.succeed(f"Successfully registered {len(found)} block(s)")
    rows = [(output.plain(kind.get_block_type_name()), kind.get_block_type_slug()) for kind in found]
    output.print_table("Registered Blocks", ["Type", "Slug"], rows)
    if page := ui_page("blocks/catalog"):
        output.say(f"To make a block of them, go to {page}")


def _imported(module: str | None, file: Path | None) -> ModuleType:
    try:
        return import_file(str(file)) if file is not None else import_module(str(module))
    except ScriptError as error:
        output.fail(str(error))


@app.command("ls")
def list_blocks(as_json: output.OutputOption = None) -> None:
    """List blocks by type and name."""
    with server() as client:
        found = _all_blocks(client)
    if as_json:
        output.print_json([runs.json_of(block) for block in found])
        return
    rows = [
        (
            str(block.id),
            output.plain(block.block_type.name if block.block_type else ""),
            output.plain(block.name or ""),
            output.plain(f"{block.block_type.slug if block.block_type else ''}/{block.name}"),
        )
        for block in found
    ]
    output.print_table("Blocks", ["ID", "Type", "Name", "Slug"], rows)


def _all_blocks(client: SyncOstinatoClient) -> list[BlockDocument]:
    sort = BlockDocumentSort.BLOCK_TYPE_AND_NAME_ASC
    return every(lambda limit, offset: client.read_block_documents(limit, offset, include_secrets=False, sort=sort))


@app.command()
def create(slug: Slug) -> None:
    """Print the address of the page that makes a block of a type."""
    with server() as client:
        block_type = _find_type(client, slug)
    page = ui_page(f"blocks/catalog/{block_type.slug}/create")
    if page is None:
        output.fail("No UI is known: set OSTINATO_UI_URL, or OSTINATO_API_URL to derive it from.")
    output.say(f"Create a {block_type.name} block: {page}")


@app.command()
def inspect(reference: Reference = None, block_id: Id = None, as_json: output.OutputOption = None) -> None:
    """Show a block, its secrets masked."""
    with server() as client:
        block = find_document(client, reference, block_id)
    if as_json:
        output.print_json(runs.json_of(block))
        return
    slug = block.block_type.slug if block.block_type else ""
    rows = [
        ("Block Type", output.plain(block.block_type_name or slug)),
        ("Block id", str(block.id)),
        *((output.plain(name), output.plain(value)) for name, value in block.data.items()),
    ]
    output.print_table(output.plain(f"{slug}/{block.name}"), ["Member", "Value"], rows)


@app.command()
def delete(reference: Reference = None, block_id: Id = None) -> None:
    """Delete a block."""
    with server() as client:
        block = find_document(client, reference, block_id)
        shown = reference or block_id
        output.confirm(f"Delete block '{shown}'?")
        with expecting("Block", shown):
            client.delete_block_document(block.id)
    output.succeed(f"Deleted block '{shown}'.")


def find_document(client: SyncOstinatoClient, reference: str | None, block_id: str | None) -> BlockDocument:
    """Return a block named as type/name or by its id, secrets masked; ends the command where there is none."""
    if (reference is None) == (block_id is None):
        output.fail("Give either the block as type/name or --id.")
    with expecting("Block", reference or block_id):
        if block_id is not None:
            return client.read_block_document(parse_id("Block", block_id), include_secrets=False)
        slug, slash, name = str(reference).partition("/")
        if not slash:
            output.fail(f"Give the block as type/name, got {reference!r}.")
        return client.read_block_document_by_name(name, slug, include_secrets=False)


@types.command("ls")
def list_types(as_json: output.OutputOption = None) -> None:
    """List the types of blocks."""
    with server() as client:
        found = _all_types(client)
    if as_json:
        output.print_json([runs.json_of(block_type) for block_type in found])
        return
    rows = [
        (
            output.plain(block_type.slug),
            output.plain(_first_sentence(block_type.description or "")),
            output.plain(f"ostinato block create {block_type.slug}"),
        )
        for block_type in sorted(found, key=lambda block_type: block_type.name)
    ]
    output.print_table("Block Types", ["Block Type Slug", "Description", "Generate creation link"], rows)


def _all_types(client: SyncOstinatoClient) -> list[BlockType]:
    return every(lambda limit, offset: client.read_block_types(limit=limit, offset=offset))


def _first_sentence(text: str) -> str:
    end = text.find(". ")
    return text if end < 0 else text[: end + 1]


@types.command("inspect")
def inspect_type(slug: Slug, as_json: output.OutputOption = None) -> None:
    """Show a type of blocks, and the fields of its blocks."""
    with server() as client:
        block_type = _find_type(client, slug)
        schema = client.get_most_recent_block_schema_for_block_type(block_type.id)
    fields = schema.fields if schema is not None else {}
    if as_json:
        found = runs.json_of(schema) if schema is not None else None
        output.print_json({"block_type": runs.json_of(block_type), "schema": found})
        return
    runs.show_object(block_type, None)
    rows = [
        (output.plain(name), output.plain(members.get("type", "")), output.plain(members.get("description", "")))
        for name, members in fields.get("properties", {}).items()
    ]
    output.print_table("Fields", ["Name", "Type", "Description"], rows)


@types.command("delete")
def delete_type(slug: Slug) -> None:
    """Delete a type with all its blocks."""
    with server() as client:
        block_type = _find_type(client, slug)
        output.confirm(f"Delete the block type '{slug}' and all its blocks?")
        try:
            client.delete_block_type(block_type.id)
        except ProtectedBlockError:
            output.fail(f"The block type '{slug}' belongs to the server and cannot be deleted.")
    output.succeed(f"Deleted block type '{slug}'.")


def _find_type(client: SyncOstinatoClient, slug: str) -> BlockType:
    try:
        return client.read_block_type_by_slug(slug)
    except ObjectNotFound:
        _unknown_type(client, slug)


def _unknown_type(client: SyncOstinatoClient, slug: str) -> NoReturn:
    known = ", ".join(sorted(block_type.slug for block_type in _all_types(client)))
    hint = did_you_mean(similar("Block type", slug))
    output.fail(f"Block type '{slug}' not found.{hint} There are: {known}.")
