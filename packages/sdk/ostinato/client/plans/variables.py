"""Variables: named values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ostinato.client.operation import decode, encode, facts
from ostinato.client.plans.filters import body_of
from ostinato.client.steps import Plan, Request
from ostinato.exceptions import ObjectNotFound
from ostinato_wire.variables import Variable, VariableCreate, VariableFilter, VariableSort, VariableUpdate

if TYPE_CHECKING:
    from uuid import UUID


def create_variable(body: VariableCreate) -> Plan[Variable]:
    """Make a variable. Raises ObjectAlreadyExists."""
    with facts():
        response = yield Request("POST", "/variables/", encode(body))
    return decode(response, Variable)


def read_variable_by_name(name: str) -> Plan[Variable | None]:
    """Return a variable; None if there is no such variable."""
    try:
        with facts():
            response = yield Request("GET", f"/variables/name/{name}")
    except ObjectNotFound:
        return None
    return decode(response, Variable)


def read_variable_value(name: str) -> Plan[Any]:  # Any: any JSON value
    """Return the value of a variable; None if there is no such variable."""
    found = yield from read_variable_by_name(name)
    return None if found is None else found.value


def read_variables(
    variable_filter: VariableFilter | None = None,
    limit: int | None = None,
    offset: int = 0,
    sort: VariableSort | None = None,
) -> Plan[list[Variable]]:
    """Return variables that meet the filter, by name unless told otherwise."""
    body = body_of({}, variables=variable_filter, limit=limit, offset=offset, sort=sort)
    response = yield Request("POST", "/variables/filter", encode(body))
    return decode(response, list[Variable])


def update_variable(name: str, body: VariableUpdate) -> Plan[None]:
    """Change the members of a variable that are set in `body`. Raises ObjectNotFound."""
    with facts():
        yield Request("PATCH", f"/variables/name/{name}", encode(body.model_dump(exclude_unset=True)))


def delete_variable(variable_id: UUID) -> Plan[None]:
    """Delete a variable. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/variables/{variable_id}")


def delete_variable_by_name(name: str) -> Plan[None]:
    """Delete a variable. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/variables/name/{name}")
