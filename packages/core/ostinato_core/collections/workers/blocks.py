"""The definitions of blocks that a worker's variables refer to, taken from the catalogue of block types."""

from ostinato_core.block_schemas.nesting import definitions_of
from ostinato_core.block_types.catalogue import catalogue
from ostinato_core.states.rows import JsonDict


def block_definitions(*slugs: str) -> JsonDict:
    """Return the schemas of block types under the names of their classes, with those nested in them."""
    found: JsonDict = {}
    for block in catalogue():
        if block.slug in slugs:
            found.update(definitions_of(block.fields))
            found[block.title] = {name: value for name, value in block.fields.items() if name != "definitions"}
    return found
