"""Variables."""

from ostinato_api.endpoint import NO_CONTENT, Call, Reply, Routes, endpoint
from ostinato_api.limits import limit_of
from ostinato_core.variables import operations
from ostinato_wire.variables import Variable, VariableCreate, VariablesQuery, VariablesWhere, VariableUpdate

routes = Routes("Variables")


@routes.post("/variables/")
@endpoint(body=VariableCreate, returns=Variable, statuses=(201,))
async def create_variable(call: Call[VariableCreate]) -> Reply:
    """Make a variable."""
    return Reply(await call.write(operations.create_variable, call.body), 201)


@routes.post("/variables/filter")
@endpoint(body=VariablesQuery, returns=list[Variable])
async def read_variables(call: Call[VariablesQuery]) -> Reply:
    """Variables that match."""
    return Reply(await call.read(operations.read_variables, call.body, limit_of(call, call.body.limit)))


@routes.post("/variables/count")
@endpoint(body=VariablesWhere, returns=int)
async def count_variables(call: Call[VariablesWhere]) -> Reply:
    """How many variables match."""
    return Reply(await call.read(operations.count_variables, call.body))


@routes.get("/variables/{id}")
@endpoint(returns=Variable)
async def read_variable(call: Call[None]) -> Reply:
    """One variable."""
    return Reply(await call.lookup(operations.read_variable, call.id))


@routes.get("/variables/name/{name}")
@endpoint(returns=Variable)
async def read_variable_by_name(call: Call[None]) -> Reply:
    """The variable of a name."""
    return Reply(await call.lookup(operations.read_variable, call.path("name")))


@routes.patch("/variables/{id}")
@endpoint(body=VariableUpdate, statuses=(204,))
async def update_variable(call: Call[VariableUpdate]) -> Reply:
    """Change a variable."""
    await call.write(operations.update_variable, call.id, call.body)
    return NO_CONTENT


@routes.patch("/variables/name/{name}")
@endpoint(body=VariableUpdate, statuses=(204,))
async def update_variable_by_name(call: Call[VariableUpdate]) -> Reply:
    """Change the variable of a name."""
    await call.write(operations.update_variable, call.path("name"), call.body)
    return NO_CONTENT


@routes.delete("/variables/{id}")
@endpoint(statuses=(204,))
async def delete_variable(call: Call[None]) -> Reply:
    """Delete a variable."""
    await call.write(operations.delete_variable, call.id)
    return NO_CONTENT


@routes.delete("/variables/name/{name}")
@endpoint(statuses=(204,))
async def delete_variable_by_name(call: Call[None]) -> Reply:
    """Delete the variable of a name."""
    await call.write(operations.delete_variable, call.path("name"))
    return NO_CONTENT
