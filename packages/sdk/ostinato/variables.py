"""`Variable`: named JSON values that flows, deployments and templates read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ostinato.engine.drivers import adrive
from ostinato.engine.steps import Plan, Request
from ostinato.exceptions import ObjectAlreadyExists, ObjectNotFound
from ostinato.utilities.paired import run
from ostinato_wire.variables import Variable as WireVariable
from ostinato_wire.variables import VariableCreate, VariableUpdate

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Variable"]

# Any below: JSON values.


class Variable(WireVariable):
    """A named JSON value on the server. Every method has an `a` spelling for async code."""

    @classmethod
    def set(
        cls,
        name: str,
        value: Any,
        tags: Iterable[str] | None = None,
        overwrite: bool = False,
        *,
        _sync: bool = False,
    ) -> Variable:
        """Set a variable and return it; `name` is of lower-case letters, digits, dashes and underscores.

        Raises ValueError if there is one of that name already and `overwrite` is false, or if name or value are not
        allowed: a value has 5000 characters of JSON at most.
        """
        return run(_set(name, value, tags, overwrite), sync=_sync)

    @classmethod
    async def aset(cls, name: str, value: Any, tags: Iterable[str] | None = None, overwrite: bool = False) -> Variable:
        """Do as `set`, in an event loop."""
        return await adrive(_set(name, value, tags, overwrite))

    @classmethod
    def get(cls, name: str, default: Any = None, *, _sync: bool = False) -> Any:
        """Return the value of a variable, or `default` if there is none of that name."""
        return run(_get(name, default), sync=_sync)

    @classmethod
    async def aget(cls, name: str, default: Any = None) -> Any:
        """Do as `get`, in an event loop."""
        return await adrive(_get(name, default))

    @classmethod
    def unset(cls, name: str, *, _sync: bool = False) -> bool:
        """Delete a variable; return whether there was one of that name."""
        return run(_unset(name), sync=_sync)

    @classmethod
    async def aunset(cls, name: str) -> bool:
        """Do as `unset`, in an event loop."""
        return await adrive(_unset(name))


def _set(name: str, value: Any, tags: Iterable[str] | None, overwrite: bool) -> Plan[Variable]:
    body = VariableCreate(name=name, value=value, tags=list(tags or ()))
    found: WireVariable | None = yield Request("read_variable_by_name", {"name": name})
    if found is None:
        try:
            made: WireVariable = yield Request("create_variable", {"body": body})
        except ObjectAlreadyExists:  # made by another process in the meantime
            if not overwrite:
                raise _taken(name) from None
        else:
            return Variable.model_validate(made.model_dump())
    elif not overwrite:
        raise _taken(name)
    changes: dict[str, Any] = {"value": value} | ({} if tags is None else {"tags": body.tags})
    yield Request("update_variable", {"name": name, "body": VariableUpdate.model_validate(changes)})
    changed: WireVariable | None = yield Request("read_variable_by_name", {"name": name})
    if changed is None:
        raise ValueError(f"The variable {name!r} was deleted while it was set.")
    return Variable.model_validate(changed.model_dump())


def _taken(name: str) -> ValueError:
    return ValueError(f"A variable {name!r} exists already. Pass `overwrite=True` to change it.")


def _get(name: str, default: Any) -> Plan[Any]:
    found: WireVariable | None = yield Request("read_variable_by_name", {"name": name})
    return default if found is None else found.value


def _unset(name: str) -> Plan[bool]:
    try:
        yield Request("delete_variable_by_name", {"name": name})
    except ObjectNotFound:
        return False
    return True
