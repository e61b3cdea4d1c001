"""What tests of automations need: events to send, automations that wait for them, and the firings that come of it."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

from ostinato_core.clock import utc_now
from tests.support.client import Api
from tests.support.json import Json
from tests.support.ports import wait_until

PATIENCE = 60.0
"""Seconds within which what has to come does."""


def name() -> str:
    """Return a name of events that nobody else has."""
    return f"test.{uuid4()}"


def event(name: str, resource: str = "thing", *, at: float = 0, **members: Any) -> Json:
    """Return an event that occurred so many seconds from now."""
    return {
        "id": str(uuid4()),
        "occurred": (utc_now() + timedelta(seconds=at)).isoformat(),
        "event": name,
        "resource": {"prefect.resource.id": resource},
        **members,
    }


def trigger(*expect: str, **members: Any) -> Json:
    """Return a reactive trigger."""
    return {"type": "event", "posture": "Reactive", "expect": list(expect), **members}


async def send(api: Api, *events: Json) -> None:
    """Send events."""
    answer = await api.post("/events", list(events))
    assert answer.status == 204, answer.body


async def new_automation(api: Api, trigger: Json, **members: Any) -> Json:
    """Make an automation that does nothing."""
    body = {"name": f"automation-{uuid4()}", "trigger": trigger, "actions": [{"type": "do-nothing"}], **members}
    return await api.created("/automations/", body)


async def firings(api: Api, automation: Json) -> list[Json]:
    """Return the firings of an automation, the first of them first."""
    wanted = {
        "event": {"name": ["prefect.automation.triggered"]},
        "resource": {"id": [f"prefect.automation.{automation['id']}"]},
        "occurred": {"until": (utc_now() + timedelta(days=1)).isoformat()},
        "order": "ASC",
    }
    answer = (await api.post("/events/filter", {"filter": wanted, "limit": 50})).json
    found: list[Json] = answer["events"]
    while answer["next_page"] is not None:
        answer = (await api.get("/events/filter/next?" + answer["next_page"].partition("?")[2])).json
        found += answer["events"]
    return found


async def causes(api: Api, automation: Json) -> Counter[str]:
    """Return how often each event has fired an automation, by its id."""
    return Counter(each["payload"]["triggering_event"]["id"] for each in await firings(api, automation))


async def fired(api: Api, automation: Json, times: int = 1) -> list[Json]:
    """Wait until an automation has fired so often, and return the events that tell of it."""

    async def enough() -> list[Json] | None:
        found = await firings(api, automation)
        return found if len(found) >= times else None

    found = await wait_until(enough, seconds=PATIENCE, every=0.1, what=f"{times} firings")
    assert found is not None
    assert len(found) == times
    return found


async def evaluated(api: Api) -> None:
    """Wait until all that was sent before is evaluated."""
    witness = name()
    automation = await new_automation(api, trigger(witness))
    await send(api, event(witness))
    await fired(api, automation)
    assert (await api.delete(f"/automations/{automation['id']}")).status == 204
