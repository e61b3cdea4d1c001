"""Automations, and the check of templates for whoever writes one."""

from typing import Any

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.automations import operations, trying
from ostinato_core.automations.backtest import backtest
from ostinato_core.automations.deliveries import operations as deliveries
from ostinato_core.automations.older_clients import as_known
from ostinato_core.automations.preview import preview_on_event
from ostinato_core.outbound import Outbound
from ostinato_core.parameters.errors import TemplateInvalid
from ostinato_core.parameters.templates import validate_template
from ostinato_core.states.rows import JsonDict
from ostinato_wire.action_deliveries import ActionDeliveriesQuery, ActionDelivery
from ostinato_wire.action_tests import ActionTest, ActionTestResult
from ostinato_wire.automation_previews import AutomationPreview, AutomationPreviewRequest
from ostinato_wire.automations import (
    Automation,
    AutomationCreate,
    AutomationPartialUpdate,
    AutomationsQuery,
    AutomationsWhere,
    AutomationUpdate,
)
from ostinato_wire.backtests import Backtest, BacktestRequest

routes = Routes("Automations")


@routes.post("/automations/")
@endpoint(body=AutomationCreate, returns=Automation, statuses=(201,))
async def create_automation(call: Call[AutomationCreate]) -> Reply:
    """Make an automation."""
    return Reply(_shown(call, await call.write(operations.create_automation, call.body)), 201)


@routes.post("/automations/backtest")
@endpoint(body=BacktestRequest, returns=Backtest)
async def backtest_automation(call: Call[BacktestRequest]) -> Reply:
    """What a draft of an automation would have done by the events that are stored."""
    return Reply(await call.read(backtest, call.body))


@routes.post("/automations/preview")
@endpoint(body=AutomationPreviewRequest, returns=AutomationPreview)
async def preview_automation(call: Call[AutomationPreviewRequest]) -> Reply:
    """What the actions of a draft would do if it fired by a stored event. An extension of the wire."""
    return Reply(await call.read(preview_on_event, call.body))


@routes.put("/automations/{id}")
@endpoint(body=AutomationUpdate, statuses=(204,))
async def replace_automation(call: Call[AutomationUpdate]) -> Reply:
    """Replace an automation."""
    is_reference = call.caller.is_reference
    await call.write(operations.replace_automation, call.id, call.body, is_reference=is_reference)
    return NO_CONTENT


@routes.patch("/automations/{id}")
@endpoint(body=AutomationPartialUpdate, statuses=(204,))
async def enable_automation(call: Call[AutomationPartialUpdate]) -> Reply:
    """Enable or disable an automation."""
    await call.write(operations.enable_automation, call.id, call.body)
    return NO_CONTENT


@routes.delete("/automations/{id}")
@endpoint(statuses=(204,))
async def delete_automation(call: Call[None]) -> Reply:
    """Delete an automation."""
    await call.write(operations.delete_automation, call.id)
    return NO_CONTENT


@routes.get("/automations/{id}")
@endpoint(returns=Automation)
async def read_automation(call: Call[None]) -> Reply:
    """One automation."""
    return Reply(_shown(call, await call.lookup(operations.read_automation, call.id)))


@routes.post("/automations/filter")
@endpoint(body=AutomationsQuery, returns=list[Automation])
async def read_automations(call: Call[AutomationsQuery]) -> Reply:
    """Automations that match."""
    found = await call.read(operations.read_automations, call.body, limit_of(call, call.body.limit))
    return Reply([_shown(call, each) for each in found])


@routes.post("/automations/count")
@endpoint(body=AutomationsWhere, returns=int)
async def count_automations(call: Call[AutomationsWhere]) -> Reply:
    """How many automations match."""
    return Reply(await call.read(operations.count_automations, call.body))


@routes.get("/automations/related-to/{resource_id}")
@endpoint(returns=list[Automation])
async def read_related_automations(call: Call[None]) -> Reply:
    """The automations that a resource owns, or that run it."""
    found = await call.read(operations.read_related_automations, call.path("resource_id"))
    return Reply([_shown(call, each) for each in found])


@routes.delete("/automations/owned-by/{resource_id}")
@endpoint(statuses=(202,))
async def delete_owned_automations(call: Call[None]) -> Reply:
    """Delete the automations that a resource owns."""
    await call.write(operations.delete_owned_automations, call.path("resource_id"))
    return Reply(None, 202)


@routes.post("/automations/deliveries/filter")
@endpoint(body=ActionDeliveriesQuery, returns=list[ActionDelivery])
async def read_deliveries(call: Call[ActionDeliveriesQuery]) -> Reply:
    """What became of the actions of automations that have fired, the newest first. An extension of the wire."""
    return Reply(await call.read(deliveries.read_deliveries, call.body, limit_of(call, call.body.limit)))


@routes.get("/automations/deliveries/{id}")
@endpoint(returns=ActionDelivery)
async def read_delivery(call: Call[None]) -> Reply:
    """What became of one action of one firing. An extension of the wire."""
    return Reply(await call.lookup(deliveries.read_delivery, call.id))


@routes.post("/automations/deliveries/{id}/send_again")
@endpoint(returns=ActionDelivery)
async def send_again(call: Call[None]) -> Reply:
    """Try a delivery again that failed. An extension of the wire."""
    return Reply(await call.write(deliveries.send_again, call.id))


@routes.post("/automations/actions/test")
@endpoint(body=ActionTest, returns=ActionTestResult)
async def try_action(call: Call[ActionTest]) -> Reply:
    """Send what an action sends, as a test, or only show it. An extension of the wire."""
    trial = await call.read(trying.prepare_trial, call.body, call.services.keys)
    return Reply(await trying.carry_out(trial, Outbound(call.services.settings), send=call.body.send))


@routes.post("/automations/templates/validate")
@endpoint(body=str, statuses=(204, 422), absent_body=b'""')
async def validate_automation_template(call: Call[str]) -> Reply:
    """Check the syntax of a template of an action."""
    return _checked(call.body)


@routes.post("/templates/validate")
@endpoint(body=str, statuses=(204, 422), absent_body=b'""')
async def validate_any_template(call: Call[str]) -> Reply:
    """Check the syntax of a template."""
    return _checked(call.body)


def _checked(source: str) -> Reply:
    try:
        validate_template(source)
    except TemplateInvalid as error:
        return Reply({"error": {"line": error.line, "message": error.message, "source": source}}, 422)
    return NO_CONTENT


def _shown(call: Call[Any], automation: JsonDict) -> JsonDict:  # Any: of any body
    return as_known(automation) if call.caller.is_reference else automation
