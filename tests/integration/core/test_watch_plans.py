"""How the databases find what metrics and agreements are about: by an index, among 200 000 runs of which few count."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection, text

from ostinato_core.clock import utc_now
from ostinato_core.db.tables import automations, deployments, flow_runs, flows, metric_watches, slas
from ostinato_core.ids import new_id
from ostinato_core.metric_triggers import repository as metric_watches_of
from ostinato_core.metric_triggers.measuring import measure
from ostinato_core.slas import violations
from ostinato_core.transaction import Database
from ostinato_wire.metric_triggers import MetricTrigger
from tests.integration.core.test_loop_plans import Filler, Search, plan_of

MANY, SOME = 200_000, 5_000
WORKSPACE = new_id()
DEPLOYMENT = UUID(int=(7 << 64) + 7)
SPAN = violations.Span(utc_now() - timedelta(seconds=5), utc_now())


def trigger(metric: str, resource: str = "prefect.flow-run.*") -> MetricTrigger:
    """Return a trigger on a metric over ten minutes."""
    query = {"name": metric, "operator": ">", "threshold": 0, "range": 600}
    return MetricTrigger.model_validate({"match": {"prefect.resource.id": resource}, "metric": query})


SEARCHES = {
    "watched metrics": Search(lambda tx: metric_watches_of.find_due(tx, 50), ("ix_metric_watches__next_look",)),
    "successes": Search(
        lambda tx: measure(tx, trigger("successes"), 15), ("ix_flow_runs__started", "workspace_id_end_time")
    ),
    "durations": Search(lambda tx: measure(tx, trigger("duration"), 15), ("workspace_id_end_time",)),
    "lateness": Search(
        lambda tx: measure(tx, trigger("lateness"), 15), ("ix_flow_runs__started", "ix_flow_runs__state_name_started")
    ),
    "durations of a deployment": Search(
        lambda tx: measure(tx, trigger("duration", f"prefect.deployment.{DEPLOYMENT}"), 15), ("ix_flow_runs__",)
    ),
    "runs that take too long": Search(lambda tx: violations.find_too_long(tx, SPAN), ("_started",)),
    "runs that begin too late": Search(
        lambda tx: violations.find_too_late(tx, SPAN), ("workspace_id_expected_start_time",)
    ),
    "completed runs": Search(lambda tx: violations.find_completed(tx, SPAN), ("ix_flow_runs__ended",)),
}


def populate(connection: Connection) -> None:
    """Fill the tables: a run every five seconds, of deployments of which a few have agreements."""
    filler = Filler(connection)
    own = {"workspace_id": filler.same_id(WORKSPACE)}
    filler.fill(flows, SOME, id=filler.id(8), **own)
    filler.fill(deployments, SOME, id=filler.id(7), flow_id=filler.id(8), **own)
    when, state = filler.ago("n * 5"), "CASE WHEN n % 10 = 0 THEN 'FAILED' ELSE 'COMPLETED' END"
    filler.fill(
        flow_runs, MANY, id=filler.id(1), flow_id=filler.id(8, f"n % {SOME} + 1"),
        deployment_id=filler.id(7, f"n % {SOME} + 1"), state_type=state,
        state_name="'Completed'", state_timestamp=when, start_time=when, end_time=when, expected_start_time=when, **own,
    )  # fmt: skip
    filler.fill(automations, SOME, id=filler.id(10), **own)
    filler.fill(metric_watches, SOME, automation_id=filler.id(10), next_look=filler.ago("50 - n"), **own)
    kind = "CASE n % 3 WHEN 0 THEN 'frequency' WHEN 1 THEN 'lateness' ELSE 'time-to-completion' END"
    filler.fill(slas, 300, id=filler.id(11), deployment_id=filler.id(7), kind=kind, seconds="60", enabled="true", **own)
    connection.commit()
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE"))
        connection.commit()


@pytest.fixture
async def populated(database: Database) -> Database:
    """The module's database with many rows."""

    def fill(connection: Connection) -> None:
        if not connection.execute(text("SELECT count(*) FROM flow_runs")).scalar():
            populate(connection)

    await database.run_sync(fill)
    return database


@pytest.mark.parametrize("name", SEARCHES)
async def test_runs_are_found_by_an_index(populated: Database, name: str) -> None:
    plan = await plan_of(populated, SEARCHES[name], WORKSPACE)
    scans = ("Seq Scan on flow_runs", "Seq Scan on metric_watches", "SCAN flow_runs", "SCAN metric_watches")
    assert not [scan for scan in scans if scan in plan], plan
    for index in SEARCHES[name].indexes:
        assert index in plan, plan
