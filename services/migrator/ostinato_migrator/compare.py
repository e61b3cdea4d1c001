"""What Alembic is to know when it compares a database with the tables of the core, or writes down a difference."""

from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Index
from sqlalchemy.schema import SchemaItem

from ostinato_core.db.partitions import PLAN
from ostinato_core.db.types import Json, Timestamp

_PARTITIONED = tuple(f"{table}_" for table, *_ in PLAN)


def belongs(dialect: str, item: SchemaItem, name: str | None, kind: str, reflected: bool) -> bool:
    """Whether an item is compared: not a partition, nor an index that is only for the other dialect."""
    if isinstance(item, Index):
        return item.info.get("only", dialect) == dialect
    if kind == "table" and reflected and name is not None and name.startswith(_PARTITIONED):
        return not name.removeprefix(next(filter(name.startswith, _PARTITIONED))).isdigit() and not name.endswith(
            "_default"
        )
    return True


def options(dialect: str) -> dict[str, Any]:  # Any: the options of context.configure are of many types
    """Return the options of a comparison on a dialect."""

    def include_object(
        item: SchemaItem, name: str | None, kind: str, reflected: bool, _other: SchemaItem | None
    ) -> bool:
        return belongs(dialect, item, name, kind, reflected)

    return {
        "include_object": include_object,
        "compare_type": True,
        "compare_server_default": True,
        "render_item": _render,
    }


def _render(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    # As in script.py.mako: a migration says the types of its day, and does not change with the core's.
    if kind == "type" and isinstance(item, Timestamp):
        return "TIME"
    if kind == "type" and isinstance(item, Json):
        return "JSON"
    return False
