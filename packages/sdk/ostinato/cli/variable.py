"""`ostinato variable`: named JSON values."""

from typing import Annotated

import orjson

from ostinato.cli import completing, output, runs
from ostinato.cli.connection import server
from ostinato.cli.lazy import new_app
from ostinato.cli.names import not_found
from ostinato.cli.params import argument, option
from ostinato.cli.values import parsed
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato_wire.variables import Variable, VariableCreate, VariableUpdate

app = new_app("Set, look at and delete variables.")

Name = Annotated[str, argument(help="Name of the variable.", autocompletion=completing.named("Variable"))]


@app.command("ls")
def list_variables(
    limit: Annotated[int, option("--limit", min=1, help="Show at most so many.")] = 100,
    as_json: output.OutputOption = None,
) -> None:
    """List variables by name."""
    with server() as client:
        found = client.read_variables(limit=limit)
    if as_json:
        output.print_json([runs.json_of(variable) for variable in found])
        return
    rows = [
        (
            output.plain(variable.name),
            output.plain(_text(variable.value)),
            output.relative(variable.created),
            output.relative(variable.updated),
        )
        for variable in found
    ]
    output.print_table("Variables", ["Name", "Value", "Created", "Updated"], rows)


@app.command()
def inspect(name: Name, as_json: output.OutputOption = None) -> None:
    """Show a variable with all its members."""
    with server() as client:
        variable = _find(client, name)
    runs.show_object(variable, as_json)


@app.command()
def get(name: Name) -> None:
    """Print the value of a variable as JSON."""
    with server() as client:
        variable = _find(client, name)
    output.say(_text(variable.value))


@app.command("set")
def set_variable(
    name: Name,
    value: Annotated[str, argument(help="JSON, or any text.")],
    overwrite: Annotated[bool, option("--overwrite", help="Change a variable that is there.")] = False,
    tag: Annotated[list[str] | None, option("-t", "--tag", help="A tag; may be given again.")] = None,
) -> None:
    """Set a variable."""
    with output.checked():
        body = VariableCreate(name=name, value=parsed(value), tags=tag or [])
    with server() as client:
        known = client.read_variable_by_name(name)
        if known is None:
            client.create_variable(body)
        elif overwrite:
            changes = {"value": body.value} | ({} if tag is None else {"tags": tag})
            client.update_variable(name, VariableUpdate.model_validate(changes))
        else:
            output.fail(f"Variable '{name}' already exists. Use --overwrite to change it.")
    output.succeed(f"Set variable '{name}'.")


@app.command("delete", hidden=True)
@app.command()
def unset(name: Name) -> None:
    """Delete a variable."""
    with server() as client:
        _find(client, name)
        output.confirm(f"Delete variable '{name}'?")
        client.delete_variable_by_name(name)
    output.succeed(f"Unset variable '{name}'.")


def _find(client: SyncOstinatoClient, name: str) -> Variable:
    found = client.read_variable_by_name(name)
    if found is None:
        not_found("Variable", name)
    return found


def _text(value: object) -> str:
    return orjson.dumps(value).decode()
