"""Automations about runs that fall silent: by what the server's detection tells, and by heartbeats that stay away."""

from uuid import uuid4

import pytest

from ostinato_core.automations.triggers.evaluator import Evaluator
from ostinato_core.liveness.heartbeats import HEARTBEAT
from ostinato_core.liveness.ingest_watch import tell_alive
from ostinato_core.settings import ServerSettings
from ostinato_core.transaction import Database
from ostinato_scheduler.loops.detect_dead_runs import DetectDeadRuns
from tests.integration.automations.scene import event, firings, new_automation, send, trigger
from tests.integration.automations.test_evaluator import evaluate, pass_time
from tests.integration.loops.scene import move, new_run
from tests.support.client import Api
from tests.support.clock import DrivenClock
from tests.support.json import Json

STEPS = 20
"""In which time passes: events must seem to be taken in all the while."""

pytestmark = pytest.mark.usefixtures("tidy")


@pytest.fixture
async def evaluator(clock: DrivenClock, database: Database) -> Evaluator:
    """One who evaluates, in a process that takes events in; by the test's clock."""
    await database.write(tell_alive)
    return Evaluator(database)


def resource(run: Json) -> str:
    return f"prefect.flow-run.{run['id']}"


async def beat(api: Api, *runs: Json) -> None:
    """Let runs send a heartbeat, as their clients do."""
    await send(api, *(event(HEARTBEAT, resource(run)) for run in runs))


async def test_an_automation_may_watch_for_heartbeats_that_stay_away(
    client: Api, database: Database, evaluator: Evaluator, clock: DrivenClock
) -> None:
    ends = [f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed")]
    watches = trigger(
        HEARTBEAT,
        *ends,
        after=[HEARTBEAT],
        for_each=["prefect.resource.id"],
        match={"prefect.resource.id": ["prefect.flow-run.*"]},
        posture="Proactive",
        within=90,
    )
    automation = await new_automation(client, watches)
    await evaluate(evaluator)
    silent, beats, ends_well = [await new_run(client) for _ in range(3)]
    await beat(client, silent, beats, ends_well)
    await pass_time(database, clock, 60)
    await beat(client, beats)
    await move(client, ends_well, "COMPLETED")
    await beat(client, ends_well)  # its process had not heard of its end yet
    assert await evaluate(evaluator) == 0

    await pass_time(database, clock, 35)
    assert await evaluate(evaluator) == 1
    (firing,) = await firings(client, automation)
    assert firing["payload"]["triggering_labels"] == {"prefect.resource.id": resource(silent)}
    await pass_time(database, clock, 60)
    assert await evaluate(evaluator) == 1
    assert {
        each["payload"]["triggering_labels"]["prefect.resource.id"] for each in await firings(client, automation)
    } == {
        resource(silent),
        resource(beats),
    }
    for run in (silent, beats):
        await move(client, run, "COMPLETED")


async def test_automations_are_told_of_runs_that_the_server_has_ended_for_their_silence(
    client: Api, database: Database, evaluator: Evaluator, settings: ServerSettings, clock: DrivenClock
) -> None:
    tag = f"tag-{uuid4()}"
    related = {"prefect.resource.id": f"prefect.tag.{tag}"}
    names = ("prefect.flow-run.Crashed", "prefect.flow-run.unresponsive")
    crashed, unresponsive = [await new_automation(client, trigger(name, match_related=related)) for name in names]
    await evaluate(evaluator)
    silent, crashes = [await new_run(client, tags=[tag]) for _ in range(2)]
    await beat(client, silent, crashes)
    await move(client, crashes, "CRASHED")
    for _ in range(STEPS):
        clock.forward((2 * settings.dead_runs_default_interval + settings.dead_runs_grace + 1) / STEPS)
        await database.write(tell_alive)
    assert (await DetectDeadRuns(database, settings).tick()).done == 1
    await evaluate(evaluator)

    def of(found: list[Json]) -> set[str]:
        return {each["payload"]["triggering_event"]["resource"]["prefect.resource.id"] for each in found}

    assert of(await firings(client, crashed)) == {resource(silent), resource(crashes)}
    assert of(await firings(client, unresponsive)) == {resource(silent)}
