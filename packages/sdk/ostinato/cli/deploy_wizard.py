"""The questions of `ostinato deploy`: asked on a terminal for what neither the file nor the options say."""

import re
from pathlib import Path
from typing import Any

import typer

from ostinato.cli import asking, output
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.deployments.deploying import takes_images
from ostinato.deployments.project.entry import ScheduleEntry
from ostinato.deployments.project.file import as_object
from ostinato.deployments.project.order import Order
from ostinato.deployments.project.placeholders import declared_flows
from ostinato.deployments.project.recipes import branch_of, remote_of
from ostinato.deployments.project.saving import save_entry
from ostinato.deployments.steps.equivalents import OWN, stock_name
from ostinato.deployments.steps.running import parts_of
from ostinato.flows import Flow
from ostinato_wire.base import JsonObject
from ostinato_wire.work_pools import WorkPool, WorkPoolCreate

# Any below: flows of whatever type, and JSON values.

PAGE = 200
_ANOTHER = "another"


def choose_entry(entries: list[JsonObject]) -> JsonObject:
    """Return the entry of the file that is to be deployed, or an empty one for something new."""
    rows = [
        (entry, (output.plain(entry.get("name") or "(no name)"), output.plain(entry.get("entrypoint") or "")))
        for entry in entries
    ]
    new: JsonObject = {}
    return asking.choose("Which deployment?", ["Name", "Entrypoint"], [*rows, (new, ("something new", ""))])


def complete_flow(order: Order) -> None:
    """Ask which flow is deployed, and under what name."""
    if not order.entry.get("entrypoint"):
        order.entry["entrypoint"] = _choose_entrypoint()
    if not order.entry.get("name"):
        order.entry["name"] = asking.text("Name of the deployment", "default")


def _choose_entrypoint() -> str:
    found = declared_flows(Path.cwd())
    if not found:
        return asking.text("Entrypoint of the flow (path.py:flow)")
    rows = [(entrypoint, (output.plain(name), output.plain(entrypoint))) for entrypoint, name in found]
    chosen = asking.choose("Which flow?", ["Flow", "Entrypoint"], [*rows, (_ANOTHER, ("another one", ""))])
    return asking.text("Entrypoint of the flow (path.py:flow)") if chosen == _ANOTHER else chosen


def choose_pool(client: SyncOstinatoClient) -> str:
    """Return the name of the work pool; one is made if there is none, or if that is wanted."""
    pools = client.read_work_pools(limit=PAGE)
    if pools:
        rows = [
            (pool.name, (output.plain(pool.name), pool.type, output.plain(pool.description or ""))) for pool in pools
        ]
        chosen = asking.choose("Which work pool?", ["Name", "Type", "What for"], [*rows, ("", ("a new one", "", ""))])
        if chosen:
            return chosen
    else:
        output.say("There are no work pools yet: one is made now.")
    return _new_pool(client)


def _new_pool(client: SyncOstinatoClient) -> str:
    from ostinato.workers import find_worker_class

    known: JsonObject = {}
    for collection in client.read_worker_metadata().values():
        known |= collection
    kinds = sorted(known, key=lambda kind: (kind != "process", kind))
    rows = [(kind, (kind, output.plain(known[kind].get("description") or ""))) for kind in kinds]
    kind = asking.choose("What are runs started as?", ["Type", "What it does"], rows)
    name = asking.text("Name of the work pool", "default")
    worker = find_worker_class(kind)
    template: Any = worker.default_base_job_template() if worker else known[kind]["default_base_job_configuration"]
    client.create_work_pool(WorkPoolCreate(name=name, type=kind, base_job_template=template))
    output.succeed(f"Created work pool '{name}'.")
    return name


def complete(order: Order, pool: WorkPool, flow: Flow[..., Any]) -> None:
    """Ask for schedules, for an image, and for where the code is fetched from, where nothing is said of them."""
    if order.entry.get("schedules") is None and order.entry.get("schedule") is None:
        _ask_schedules(order.entry)
    builds = order.project.steps(order.entry, "build")
    if takes_images(pool) and not builds and not _variables(order.entry).get("image"):
        _ask_image(order)
    if order.project.steps(order.entry, "pull") is None:
        _ask_storage(order, flow)


def _variables(entry: JsonObject) -> JsonObject:
    return as_object(as_object(entry.get("work_pool")).get("job_variables"))


def _ask_schedules(entry: JsonObject) -> None:
    if not asking.yes("Shall it run by a schedule?"):
        return
    made: list[JsonObject] = []
    kinds = [("cron", ("Cron", "at the times of an expression, such as 0 2 * * *")),
             ("interval", ("Interval", "every so many seconds")),
             ("rrule", ("RRule", "by a recurrence of iCalendar, such as FREQ=DAILY"))]  # fmt: skip
    while True:
        kind = asking.choose("What kind of schedule?", ["Kind", "When"], kinds)
        default = {"cron": "0 0 * * *", "interval": "3600", "rrule": "FREQ=DAILY"}[kind]
        text = asking.text({"cron": "Cron expression", "interval": "Seconds", "rrule": "Recurrence"}[kind], default)
        schedule: JsonObject = {kind: _seconds(text) if kind == "interval" else text}
        schedule |= {"timezone": asking.text("Time zone", "UTC"), "active": asking.yes("Shall it be active?", True)}
        try:
            ScheduleEntry.model_validate(schedule)
        except ValueError as error:
            output.warn(f"That makes no schedule: {error}")
        else:
            made.append(schedule)
        if not asking.yes("Another schedule?"):
            break
    entry["schedules"] = made


def _seconds(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _ask_image(order: Order) -> None:
    if not asking.yes(f"Shall an image be built for {order.entry['name']!r}?", True):
        return
    has_own = Path("Dockerfile").is_file()
    own = has_own and asking.yes("Shall the Dockerfile of this folder be used?", True)
    inputs: JsonObject = {
        "id": "build-image",
        "image_name": asking.text("Name of the image, with its registry"),
        "tag": asking.text("Tag", "latest"),
        "dockerfile": "Dockerfile" if own else "auto",
    }
    order.entry["build"] = [{f"{OWN}.build_docker_image": inputs}]
    if asking.yes("Shall it be pushed to its registry?"):
        push = {"image_name": "{{ build-image.image_name }}", "tag": "{{ build-image.tag }}"}
        order.entry["push"] = [{f"{OWN}.push_docker_image": push}]
    variables = {**_variables(order.entry), "image": "{{ build-image.image }}"}
    order.entry["work_pool"] = {**order.entry["work_pool"], "job_variables": variables}


def _ask_storage(order: Order, flow: Flow[..., Any]) -> None:
    if _puts_code_into_image(order) or not asking.yes("Shall workers fetch the code from somewhere else?"):
        return
    kinds = [
        ("git", ("Git", "a repository")),
        ("s3", ("S3", "a bucket of S3")),
        ("gcs", ("GCS", "a bucket of Google Cloud Storage")),
        ("az", ("Azure", "a container of Blob Storage")),
    ]
    kind = asking.choose("Where is the code kept?", ["Place", "What it is"], kinds)
    if kind == "git":
        order.entry["pull"] = [{f"{OWN}.git_clone": _ask_repository(order, flow)}]
        return
    url = f"{kind}://{asking.text('Bucket or container')}/{asking.text('Folder').strip('/')}"
    if asking.yes("Shall this folder be copied there now, and with each deployment?", True):
        order.entry["push"] = [*(order.entry.get("push") or []), {f"{OWN}.push_to_remote_storage": {"url": url}}]
    order.entry["pull"] = [{f"{OWN}.pull_from_remote_storage": {"url": url}}]


def _puts_code_into_image(order: Order) -> bool:
    steps = order.project.steps(order.entry, "build") or []
    return any(stock_name(parts_of(step)[0]) == "build_docker_image" for step in steps)


def _ask_repository(order: Order, flow: Flow[..., Any]) -> JsonObject:
    inputs: JsonObject = {
        "repository": asking.text("Address of the repository", remote_of(Path.cwd())),
        "branch": asking.text("Branch", branch_of(Path.cwd()) or "main"),
    }
    if asking.yes("Does it need a token?"):
        inputs["access_token"] = _save_token(f"deployment-{order.entry['name']}-{flow.name}-repo-token")
    return inputs


def _save_token(name: str) -> str:
    """Save a token as a block and return the template that stands for it."""
    from ostinato.blocks.storing import save
    from ostinato.blocks.system import Secret
    from ostinato.engine.drivers import drive

    slug = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")
    drive(save(Secret(value=typer.prompt("Token", hide_input=True)), slug, overwrite=True))
    output.succeed(f"The token is kept in the block secret/{slug}.")
    return f"{{{{ prefect.blocks.secret.{slug} }}}}"


def offer_to_save(order: Order) -> None:
    """Write the deployment into the project file, if that is wanted."""
    path = order.project.path
    if order.entry in order.project.deployments or not asking.yes(f"Shall this be kept in {path.name}?", True):
        return
    named = {name: order.entry.get(name) for name in ("name", "entrypoint")} | order.entry  # these come first
    replaced = save_entry(path, {name: value for name, value in named.items() if value is not None})
    output.succeed(f"{path.name} has {'changed' if replaced else 'a new entry'}: ostinato deploy --name "
                   f"{order.entry['name']} does the same again.")  # fmt: skip
