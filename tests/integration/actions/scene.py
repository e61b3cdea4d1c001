"""Automations that are made over HTTP and fire because the test says so; and what became of their actions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ostinato_core.automations import repository
from ostinato_core.automations.firings import Firing, TriggerState, fire
from ostinato_core.clock import utc_now
from ostinato_core.events.stored import StoredEvent
from ostinato_core.ids import new_id
from ostinato_core.transaction import Database, Transaction
from ostinato_scheduler.loops.deliver_actions import DeliverActions
from tests.integration.loops.scene import later
from tests.support.client import Api
from tests.support.json import Json
from tests.support.ports import wait_until

TRIGGER: Json = {"type": "event", "posture": "Reactive", "expect": ["thing.happened"], "threshold": 1, "within": 0}


async def new_automation(api: Api, *actions: Json, **members: Json) -> Json:
    """Make an automation with actions."""
    body = {"name": f"automation-{new_id()}", "trigger": TRIGGER, "actions": list(actions)} | members
    return await api.created("/automations/", body)


def resource(kind: str, id_: object, role: str | None = None, **labels: str) -> dict[str, str]:
    """Return the labels of a resource in an event."""
    with_role = {} if role is None else {"prefect.resource.role": role}
    return {"prefect.resource.id": f"prefect.{kind}.{id_}", **with_role, **labels}


def event(primary: dict[str, str] | None = None, *related: dict[str, str], **payload: Json) -> StoredEvent:
    """Return an event that has just occurred."""
    now = utc_now()
    return StoredEvent(
        cursor=(0, 0),
        id=new_id(),
        occurred=now,
        received=now,
        event="thing.happened",
        resource=primary or {"prefect.resource.id": "a.thing"},
        related=list(related),
        payload=payload,
        follows=None,
    )


async def let_fire(
    database: Database,
    automation: Json,
    cause: StoredEvent | None,
    *,
    labels: dict[str, str] | None = None,
    state: TriggerState = TriggerState.TRIGGERED,
    within: Sequence[Firing] = (),
) -> Firing:
    """Let the trigger of an automation fire for an event."""
    firing = Firing(UUID(automation["trigger"]["id"]), state, utc_now(), labels or {}, cause, firings=within)

    async def operation(tx: Transaction) -> None:
        await fire(tx, await repository.get(tx, UUID(automation["id"])), firing)

    await database.write(operation)
    return firing


async def deliveries_of(api: Api, automation: Json, **filters: Json) -> list[Json]:
    """Return what became of the actions of an automation, in the order of firings and actions."""
    wanted = {"automation_id": {"any_": [automation["id"]]}, **filters}
    return (await api.created("/automations/deliveries/filter", {"deliveries": wanted}))[::-1]


async def traces_of(api: Api, automation: Json) -> list[Json]:
    """Return the events that tell of the actions of an automation, the oldest first."""
    wanted = {
        "resource": {"id": [f"prefect.automation.{automation['id']}"]},
        "event": {"prefix": ["prefect.automation.action."]},
        "order": "ASC",
        "occurred": {"since": later(-86_400), "until": later(86_400)},
    }
    return (await api.post("/events/filter", {"filter": wanted, "limit": 50})).json["events"]


async def runs_of(api: Api, deployment: Json) -> list[Json]:
    """Return the runs of a deployment."""
    return await api.created("/flow_runs/filter", {"deployments": {"id": {"any_": [deployment["id"]]}}})


async def new_block(api: Api, slug: str, data: Json) -> Json:
    """Make a block document of a type that the server knows."""
    block_type = (await api.get(f"/block_types/slug/{slug}")).json
    wanted = {"block_schemas": {"block_type_id": {"any_": [block_type["id"]]}}}
    schema = (await api.created("/block_schemas/filter", wanted))[0]
    body = {"name": f"b-{new_id()}", "block_type_id": block_type["id"], "block_schema_id": schema["id"], "data": data}
    return await api.created("/block_documents/", body)


def _is_due(delivery: Json) -> bool:
    return delivery["due"] is not None and datetime.fromisoformat(delivery["due"]) <= utc_now()


async def deliver(loop: DeliverActions, api: Api, automation: Json) -> list[Json]:
    """Let a loop do what is due for an automation, and return what became of it."""

    async def has_settled() -> list[Json] | None:
        await loop.tick()
        found = await deliveries_of(api, automation)
        return None if any(each["is_under_way"] or _is_due(each) for each in found) else found

    settled = await wait_until(has_settled, seconds=60, every=0.02, what="what is due")
    assert settled is not None
    return settled
