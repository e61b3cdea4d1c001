"""Blocks among the parameters of a flow: on the server stands a reference, the function gets the block."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from ostinato.engine.visiting import ATOMS, members, rebuild, replace_all
from ostinato.exceptions import ParameterTypeError

if TYPE_CHECKING:
    from ostinato.blocks.core import Block
    from ostinato.engine.steps import Plan

# Any below: arguments of users' functions, and JSON.

REFERENCE = "$ref"


def with_references(value: Any) -> Any:
    """Return `value` with saved blocks replaced by references to them, at any depth."""
    core = sys.modules.get("ostinato.blocks.core")  # before it is loaded, nothing is a block
    return value if core is None else replace_all(value, core.Block, _refer)


def _refer(block: Block) -> Any:
    document_id = block.document().id
    return block if document_id is None else {REFERENCE: {"block_document_id": str(document_id)}}


def load_blocks(parameters: dict[str, Any]) -> Plan[dict[str, Any]]:
    """Return `parameters` with references replaced by the blocks that they name, at any depth; each is loaded once.

    Raises ParameterTypeError, which names the parameter, for a block that cannot be loaded.
    """
    loaded = dict(parameters)
    blocks: dict[UUID, Block] = {}
    for name, value in parameters.items():
        wanted: set[UUID] = set()
        _find(value, wanted, set())
        for id_ in wanted - blocks.keys():
            blocks[id_] = yield from _load(id_, name)
        if wanted:
            loaded[name] = _replaced(value, blocks, set())
    return loaded


def _load(id_: UUID, parameter: str) -> Plan[Block]:
    from ostinato.blocks import storing
    from ostinato.blocks.core import Block

    try:
        return (yield from storing.load_from_ref(Block, id_, validate=True))
    except (ValueError, RuntimeError) as error:
        raise ParameterTypeError(
            f"The block that parameter {parameter!r} refers to cannot be loaded: {error}"
        ) from error


def _id_in(value: Any) -> UUID | None:
    """Return which block a value refers to; None if it is no reference, as those in JSON schemas are none."""
    if not isinstance(value, dict):
        return None
    mapping = cast("dict[Any, Any]", value)
    if mapping.keys() != {REFERENCE}:
        return None
    target = mapping[REFERENCE]
    if isinstance(target, Mapping):
        target = cast("Mapping[Any, Any]", target).get("block_document_id")
    try:
        return UUID(str(target))
    except ValueError:
        return None


def _find(value: Any, wanted: set[UUID], seen: set[int]) -> None:
    if type(value) in ATOMS or id(value) in seen:
        return
    seen.add(id(value))
    id_ = _id_in(value)
    if id_ is not None:
        wanted.add(id_)
        return
    for member in members(value) or ():
        _find(member, wanted, seen)


def _replaced(value: Any, blocks: Mapping[UUID, Block], within: set[int]) -> Any:
    if type(value) in ATOMS or id(value) in within:  # the latter is a value that contains itself
        return value
    id_ = _id_in(value)
    if id_ is not None:
        return blocks[id_]
    inside = within | {id(value)}
    return rebuild(value, lambda member: _replaced(member, blocks, inside))
