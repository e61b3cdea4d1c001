"""`ostinato webhook`: addresses at which other systems send events."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from ostinato.cli import output, runs
from ostinato.cli.connection import expecting, parse_id, server
from ostinato.cli.lazy import new_app
from ostinato.cli.names import not_found
from ostinato.cli.params import YesOption, argument, option
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.client.paging import every
from ostinato_wire.webhooks import Webhook, WebhookCreate, WebhookRotate, WebhookSignature, WebhookTrial, WebhookUpdate

app = new_app("Let other systems send events.")

NOUN = "Webhook"

Id = Annotated[str, argument(help="Id of the webhook.")]
Template = Annotated[
    str | None,
    option("-t", "--template", help="Jinja that renders the event as JSON; @FILE reads it from a file."),
]
Description = Annotated[str | None, option("-d", "--description", help="What it is for.")]
Signature = Annotated[WebhookSignature | None, option("--signature", help="How senders sign what they send.")]
Secret = Annotated[
    str | None,
    option("--secret", help="The secret that senders sign with, or @FILE; default: one is made.", show_default=False),
]


@app.command("ls")
def list_webhooks(as_json: output.OutputOption = None) -> None:
    """List webhooks by name."""
    with server() as client:
        found = every(lambda limit, offset: client.read_webhooks(limit=limit, offset=offset))
    if as_json:
        output.print_json([runs.json_of(item) for item in found])
        return
    rows = [
        (
            str(item.id),
            output.plain(item.name),
            "[green]✓[/]" if item.enabled else "[red]✗[/]",
            item.signature.value,
            output.plain(item.description),
        )
        for item in found
    ]
    output.print_table("Webhooks", ["ID", "Name", "Enabled", "Signature", "Description"], rows)


@app.command("inspect", hidden=True)
@app.command()
def get(webhook_id: Id, as_json: output.OutputOption = None) -> None:
    """Show a webhook with its address."""
    with server() as client:
        found = _find(client, webhook_id)
        _show(client, found, as_json)


@app.command()
def create(
    name: Annotated[str, argument(help="Name of the webhook.")],
    template: Template = None,
    description: Description = None,
    signature: Signature = None,
    secret: Secret = None,
    as_json: output.OutputOption = None,
) -> None:
    """Make a webhook."""
    if template is None:
        output.fail("Give a --template: it must render at least `event`, and `prefect.resource.id` of `resource`.")
    with output.checked():
        body = WebhookCreate(
            name=name,
            template=_text("--template", template),
            description=description or "",
            signature=signature or WebhookSignature.NONE,
            secret=_secret(secret),
        )
    with server() as client:
        made = client.create_webhook(body)
        _tell(client, made, f"Created webhook '{made.name}' with id {made.id}", as_json)


@app.command()
def update(
    webhook_id: Id,
    name: Annotated[str | None, option("-n", "--name", help="Another name.")] = None,
    template: Template = None,
    description: Description = None,
    signature: Signature = None,
    secret: Secret = None,
    as_json: output.OutputOption = None,
) -> None:
    """Change what is given of a webhook."""
    given = {
        "name": name,
        "template": None if template is None else _text("--template", template),
        "description": description,
        "signature": signature,
        "secret": _secret(secret),
    }
    with output.checked():
        body = WebhookUpdate.model_validate({key: value for key, value in given.items() if value is not None})
    if not body.model_fields_set:
        output.fail("Nothing to change: give at least one of the options.")
    with server() as client, expecting(NOUN, webhook_id):
        made = client.update_webhook(parse_id(NOUN, webhook_id), body)
        _tell(client, made, f"Updated webhook '{made.name}' ({made.id})", as_json)


@app.command()
def toggle(webhook_id: Id) -> None:
    """Enable a webhook that is disabled, and disable one that is enabled."""
    with server() as client:
        found = _find(client, webhook_id)
        client.update_webhook(found.id, WebhookUpdate(enabled=not found.enabled))
    output.succeed(f"Webhook '{found.name}' is now {'disabled' if found.enabled else 'enabled'}.")


@app.command()
def rotate(
    webhook_id: Id,
    overlap: Annotated[int, option("--overlap", min=0, help="Seconds for which the old ones are taken, too.")] = 0,
    slug: Annotated[bool, option("--url/--keep-url", help="Give it another address.")] = True,
    secret: Annotated[bool, option("--secret/--keep-secret", help="Give it another secret, if it has one.")] = True,
    yes: YesOption = False,
    as_json: output.OutputOption = None,
) -> None:
    """Give a webhook another address and secret."""
    with output.checked():
        body = WebhookRotate(slug=slug, secret=secret, old_expires_in_seconds=overlap)
    with server() as client:
        found = _find(client, webhook_id)
        until = f"after {overlap} s" if overlap else "at once"
        output.insist(f"Rotate webhook '{found.name}'? Who sends to it as before is refused {until}.", yes)
        made = client.rotate_webhook(found.id, body)
        _tell(client, made, f"Rotated webhook '{made.name}' ({made.id})", as_json)


@app.command()
def delete(webhook_id: Id) -> None:
    """Delete a webhook."""
    with server() as client:
        found = _find(client, webhook_id)
        output.confirm(f"Delete webhook '{found.name}' ({found.id})?")
        client.delete_webhook(found.id)
    output.succeed(f"Deleted webhook '{found.name}' ({found.id})")


@app.command("test")
def try_template(
    webhook_id: Annotated[str | None, argument(help="Id of the webhook whose template to try.")] = None,
    template: Template = None,
    body: Annotated[str, option("-b", "--body", help="Body of the request; @FILE reads it from a file.")] = "",
    header: Annotated[list[str] | None, option("-H", "--header", help="As 'Name: value'; repeatable.")] = None,
    method: Annotated[str, option("-X", "--method", help="Method of the request.")] = "POST",
    as_json: output.OutputOption = None,
) -> None:
    """Show the event that a request would become. Nothing is sent and nothing recorded; ends with 1 for no event."""
    if (webhook_id is None) == (template is None):
        output.fail("Give either the id of a webhook or a --template.")
    with server() as client:
        tried = _text("--template", template) if template is not None else _find(client, str(webhook_id)).template
        trial = WebhookTrial(
            template=tried, method=method.upper(), headers=_headers(header or []), body=_text("--body", body)
        )
        result = client.render_webhook(trial)
    if as_json:
        output.print_json(runs.json_of(result))
    elif result.event is not None:
        output.print_json(result.event)
    else:
        if result.rendered is not None:
            output.note(f"The template has rendered:\n{result.rendered}")
        output.show_error(f"No event: {result.error}")
    if result.event is None:
        raise typer.Exit(1)


def _find(client: SyncOstinatoClient, webhook_id: str) -> Webhook:
    found = client.read_webhook(parse_id(NOUN, webhook_id))
    if found is None:
        not_found(NOUN, webhook_id)
    return found


def _tell(client: SyncOstinatoClient, made: Webhook, done: str, as_json: str | None) -> None:
    if as_json:
        output.print_json(runs.json_of(made) | {"url": _url(client, made)})
        return
    output.succeed(done)
    output.say(f"  Address  {_url(client, made)}")
    if made.secret is not None:
        output.say(f"  Secret   {made.secret}")
        output.note("The secret is not shown again.")


def _show(client: SyncOstinatoClient, found: Webhook, as_json: str | None) -> None:
    if as_json:
        output.print_json(runs.json_of(found) | {"url": _url(client, found)})
        return
    runs.show_object(found, None)
    output.say(f"Address: {_url(client, found)}")


def _url(client: SyncOstinatoClient, webhook: Webhook) -> str:
    return f"{client.api_url.rstrip('/')}/hooks/{webhook.slug}"


def _text(name: str, given: str) -> str:
    """Return a text, or that of the file which it names after an @."""
    if not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        output.fail(f"Cannot read the file of {name}: {error}.")


def _secret(given: str | None) -> SecretStr | None:
    return None if given is None else SecretStr(_text("--secret", given).strip())


def _headers(texts: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for text in texts:
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            output.fail(f"--header takes 'Name: value', got {text!r}.")
        headers[name.strip()] = value.strip()
    return headers
