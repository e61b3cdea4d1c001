"""The block types that the server knows from the start, read from `catalogue.toml` beside this file."""

import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

from ostinato_core.block_schemas.nesting import add_nested
from ostinato_core.states.rows import JsonDict
from ostinato_wire.block_checksum import checksum_of

VERSION: Final = "1"
"""The version under which the schemas of the catalogue are stored."""

_PLAIN: dict[str, JsonDict] = {
    "text": {"type": "string"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "secret": {"type": "string", "format": "password", "writeOnly": True},
    "map": {"type": "object"},
    "secrets": {"type": "object"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "flag": {"type": "boolean"},
    "any": {},
}


@dataclass(slots=True)
class CataloguedBlock:
    """A block type with its schema: `fields` as a client would register them."""

    slug: str
    name: str
    package: str
    description: str
    code_example: str
    is_protected: bool
    capabilities: list[str]
    title: str
    fields: JsonDict = field(default_factory=dict[str, Any])  # Any: JSON


@cache
def catalogue() -> tuple[CataloguedBlock, ...]:
    """Return the block types, nested ones before those that nest them."""
    known: dict[str, CataloguedBlock] = {}
    for entry in tomllib.loads(_text())["block"]:
        block = _read(cast(JsonDict, entry), known)
        known[block.slug] = block
    return tuple(known.values())


@cache
def catalogue_digest() -> str:
    """Return what changes whenever the catalogue, or how it is read, changes."""
    return hashlib.sha256(f"{VERSION}\n{_text()}".encode()).hexdigest()


def _text() -> str:
    return files("ostinato_core.block_types").joinpath("catalogue.toml").read_text(encoding="utf-8")


def _read(entry: JsonDict, known: dict[str, CataloguedBlock]) -> CataloguedBlock:
    module, _, title = cast(str, entry["class"]).rpartition(".")
    block = CataloguedBlock(
        slug=entry["slug"],
        name=entry["name"],
        package=module.partition(".")[0].replace("_", "-"),
        description=entry["description"],
        code_example=f'```python\nfrom {module} import {title}\n\nblock = {title}.load("my-block")\n```',
        is_protected=entry.get("protected", False),
        capabilities=entry.get("capabilities", []),
        title=title,
    )
    fields: JsonDict = {
        "title": title,
        "description": block.description,
        "type": "object",
        "properties": {},
        "secret_fields": list(entry.get("secrets", [])),
        "block_type_slug": block.slug,
        "block_schema_references": {},
    }
    for line in entry["fields"]:
        _add_field(fields, line, known)
    block.fields = fields
    return block


def _add_field(fields: JsonDict, line: str, known: dict[str, CataloguedBlock]) -> None:
    declared, _, default = line.partition(" = ")
    name, _, kind = declared.partition(": ")
    if name.endswith("*"):
        name = name.removesuffix("*")
        fields.setdefault("required", []).append(name)
    word, *arguments = kind.split()
    member: JsonDict = {"title": name.replace("_", " ").capitalize(), "position": len(fields["properties"])}
    if word == "block":
        member.update(_nested(fields, name, [known[slug] for slug in arguments]))
    elif word == "choice":
        member.update(type="string", enum=arguments)
    else:
        member.update(_PLAIN[word])
    if word in ("secret", "secrets"):
        fields["secret_fields"].append(name if word == "secret" else f"{name}.*")
    if default:
        member["default"] = json.loads(default)
    fields["properties"][name] = member


def _nested(fields: JsonDict, name: str, blocks: list[CataloguedBlock]) -> JsonDict:
    """Add nested blocks to the definitions and references; return the schema of the member."""
    references: list[JsonDict] = []
    for block in blocks:
        fields.update(add_nested(fields, block.fields))
        references.append({"block_type_slug": block.slug, "block_schema_checksum": checksum_of(block.fields)})
        fields["secret_fields"].extend(f"{name}.{path}" for path in block.fields["secret_fields"])
    fields["block_schema_references"][name] = references[0] if len(references) == 1 else references
    shapes = [{"$ref": f"#/definitions/{block.title}"} for block in blocks]
    return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
