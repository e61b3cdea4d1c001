"""Automations: what is done when a trigger fires."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from ostinato.client.operation import decode, encode, facts
from ostinato.client.plans.filters import body_of
from ostinato.client.steps import Plan, Request
from ostinato.exceptions import ObjectNotFound
from ostinato_wire.base import JsonObject

if TYPE_CHECKING:
    import httpx

    from ostinato.events.schemas.automations import Automation
    from ostinato_wire.action_tests import ActionTest, ActionTestResult
    from ostinato_wire.automations import AutomationCreate, AutomationFilter, AutomationSort, AutomationUpdate
    from ostinato_wire.backtests import Backtest, BacktestRequest


def _shape() -> type[Automation]:
    """Return the model of an automation; few flows have any use for the many models that it is made of."""
    from ostinato.events.schemas.automations import Automation

    return Automation


def _decode_all(response: httpx.Response) -> list[Automation]:
    return [_shape().model_validate(found) for found in decode(response, list[JsonObject])]


def create_automation(body: AutomationCreate) -> Plan[UUID]:
    """Make an automation and return its id."""
    response = yield Request("POST", "/automations/", encode(body))
    return decode(response, _shape()).id


def test_action(body: ActionTest) -> Plan[ActionTestResult]:
    """Send what an action sends, as a test, or only render it; an extension of Ostinato's server."""
    from ostinato_wire.action_tests import ActionTestResult

    with facts():
        response = yield Request("POST", "/automations/actions/test", encode(body))
    return decode(response, ActionTestResult)


def backtest_automation(body: BacktestRequest) -> Plan[Backtest]:
    """Return what a draft of an automation would have done by the events that are stored; this server's own route."""
    from ostinato_wire.backtests import Backtest

    with facts():
        response = yield Request("POST", "/automations/backtest", encode(body))
    return decode(response, Backtest)


def update_automation(automation_id: UUID, body: AutomationUpdate) -> Plan[None]:
    """Replace an automation; its owner stays. Raises ObjectNotFound."""
    with facts():
        yield Request("PUT", f"/automations/{automation_id}", encode(body.model_dump(exclude={"owner_resource"})))


def read_automation(automation_id: UUID) -> Plan[Automation | None]:
    """Return an automation; None if there is none of this id."""
    try:
        with facts():
            response = yield Request("GET", f"/automations/{automation_id}")
    except ObjectNotFound:
        return None
    return decode(response, _shape())


def read_automations(
    automation_filter: AutomationFilter | None = None,
    *,
    sort: AutomationSort | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> Plan[list[Automation]]:
    """Return automations that meet the filter, by name unless told otherwise."""
    body = body_of({}, automations=automation_filter, sort=sort, limit=limit, offset=offset)
    response = yield Request("POST", "/automations/filter", encode(body))
    return _decode_all(response)


def read_automations_by_name(name: str) -> Plan[list[Automation]]:
    """Return the automations of exactly this name; names need not be unique."""
    from ostinato_wire.automations import AutomationFilter
    from ostinato_wire.filters import AnyText

    return read_automations(AutomationFilter(name=AnyText(any_=[name])))


def find_automation(id_or_name: UUID | str) -> Plan[Automation | None]:
    """Return the automation of this id, or else of this name, whatever its case; None if there is none.

    Raises ValueError if several have the name.
    """
    id_ = _as_id(id_or_name)
    if id_ is not None:
        found = yield from read_automation(id_)
        if found is not None:
            return found
    wanted = str(id_or_name).casefold()
    named = [automation for automation in (yield from _all()) if automation.name.casefold() == wanted]
    if len(named) > 1:
        ids = ", ".join(str(automation.id) for automation in named)
        raise ValueError(f"Several automations are named {str(id_or_name)!r}; name one by its id: {ids}.")
    return named[0] if named else None


PAGE = 200


def _all() -> Plan[list[Automation]]:
    found: list[Automation] = []
    while True:
        page = yield from read_automations(limit=PAGE, offset=len(found))
        found += page
        if len(page) < PAGE:
            return found


def _as_id(text: UUID | str) -> UUID | None:
    if isinstance(text, UUID):
        return text
    try:
        return UUID(text)
    except ValueError:
        return None


def pause_automation(automation_id: UUID) -> Plan[None]:
    """Disable an automation. Raises ObjectNotFound."""
    return _enable(automation_id, enabled=False)


def resume_automation(automation_id: UUID) -> Plan[None]:
    """Enable an automation. Raises ObjectNotFound."""
    return _enable(automation_id, enabled=True)


def _enable(automation_id: UUID, *, enabled: bool) -> Plan[None]:
    with facts():
        yield Request("PATCH", f"/automations/{automation_id}", encode({"enabled": enabled}))


def delete_automation(automation_id: UUID) -> Plan[None]:
    """Delete an automation; one that is gone already is no error."""
    try:
        with facts():
            yield Request("DELETE", f"/automations/{automation_id}")
    except ObjectNotFound:
        return


def read_resource_related_automations(resource_id: str) -> Plan[list[Automation]]:
    """Return the automations that name a resource, such as `prefect.deployment.<id>`."""
    response = yield Request("GET", f"/automations/related-to/{resource_id}")
    return _decode_all(response)


def delete_resource_owned_automations(resource_id: str) -> Plan[None]:
    """Delete the automations that belong to a resource, such as `prefect.deployment.<id>`."""
    yield Request("DELETE", f"/automations/owned-by/{resource_id}")
