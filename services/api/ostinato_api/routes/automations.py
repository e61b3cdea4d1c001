"""Automations, and the check of templates for whoever writes one."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.automations import operations
from ostinato_core.parameters.errors import TemplateInvalid
from ostinato_core.parameters.templates import validate_template
from ostinato_wire.automations import (
    Automation,
    AutomationCreate,
    AutomationPartialUpdate,
    AutomationsQuery,
    AutomationsWhere,
    AutomationUpdate,
)

routes = Routes("Automations")


@routes.post("/automations/")
@endpoint(body=AutomationCreate, returns=Automation, statuses=(201,))
async def create_automation(call: Call[AutomationCreate]) -> Reply:
    """Make an automation."""
    return Reply(await call.write(operations.create_automation, call.body), 201)


@routes.put("/automations/{id}")
@endpoint(body=AutomationUpdate, statuses=(204,))
async def replace_automation(call: Call[AutomationUpdate]) -> Reply:
    """Replace an automation."""
    await call.write(operations.replace_automation, call.id, call.body)
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
    return Reply(await call.lookup(operations.read_automation, call.id))


@routes.post("/automations/filter")
@endpoint(body=AutomationsQuery, returns=list[Automation])
async def read_automations(call: Call[AutomationsQuery]) -> Reply:
    """Automations that match."""
    return Reply(await call.read(operations.read_automations, call.body, limit_of(call, call.body.limit)))


@routes.post("/automations/count")
@endpoint(body=AutomationsWhere, returns=int)
async def count_automations(call: Call[AutomationsWhere]) -> Reply:
    """How many automations match."""
    return Reply(await call.read(operations.count_automations, call.body))


@routes.get("/automations/related-to/{resource_id}")
@endpoint(returns=list[Automation])
async def read_related_automations(call: Call[None]) -> Reply:
    """The automations that a resource owns, or that run it."""
    return Reply(await call.read(operations.read_related_automations, call.path("resource_id")))


@routes.delete("/automations/owned-by/{resource_id}")
@endpoint(statuses=(202,))
async def delete_owned_automations(call: Call[None]) -> Reply:
    """Delete the automations that a resource owns."""
    await call.write(operations.delete_owned_automations, call.path("resource_id"))
    return Reply(None, 202)


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
