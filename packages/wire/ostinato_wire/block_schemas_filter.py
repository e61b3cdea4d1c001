"""The filter of block schemas, to which lists of other nouns refer."""

from ostinato_wire.base import WireModel
from ostinato_wire.filters import AnyId, AnyText, OperatorFilter


class CapabilitiesFilter(WireModel):
    """Schemas that have all of these capabilities."""

    all_: list[str] | None = None


class BlockSchemaFilter(OperatorFilter):
    """Which block schemas."""

    block_type_id: AnyId | None = None
    block_capabilities: CapabilitiesFilter | None = None
    id: AnyId | None = None
    version: AnyText | None = None
