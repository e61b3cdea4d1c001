"""Methods of the client on a real server that no flow calls by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid4

from ostinato import flow, get_client
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.exceptions import ObjectAlreadyExists, ObjectNotFound
from ostinato.runtime import flow_run
from ostinato_wire.deployments import DeploymentCreate
from ostinato_wire.work_pools import WorkPoolCreate
from ostinato_wire.work_queues import WorkQueueCreate
from tests.integration.sdk.conftest import Project


@pytest.fixture
def client(project: Project) -> SyncOstinatoClient:
    """A client of the server; the test opens it."""
    return get_client(sync_client=True)


@flow
def own_id() -> str | None:
    return flow_run.id


def unique(word: str) -> str:
    return f"{word}-{uuid4()}"


def test_labels_of_a_run_are_added(client: SyncOstinatoClient) -> None:
    run_id = UUID(own_id() or "")
    with client:
        client.update_flow_run_labels(run_id, {"team": "blue"})
        client.update_flow_run_labels(run_id, {"cost": 3})
        labels = client.read_flow_run(run_id).labels
        assert labels["team"] == "blue"
        assert labels["cost"] == 3
        with pytest.raises(ObjectNotFound):
            client.update_flow_run_labels(uuid4(), {"a": 1})


def test_a_limit_is_made_or_changed(client: SyncOstinatoClient) -> None:
    name = unique("limit")
    with client:
        client.upsert_global_concurrency_limit_by_name(name, 3)
        assert client.read_global_concurrency_limit_by_name(name).limit == 3
        client.upsert_global_concurrency_limit_by_name(name, 5, slot_decay_per_second=0.5)
        found = client.read_global_concurrency_limit_by_name(name)
        assert (found.limit, found.slot_decay_per_second) == (5, 0.5)


def test_a_pool_that_is_there_is_changed_only_if_told(client: SyncOstinatoClient) -> None:
    name = unique("pool")
    with client:
        made = client.create_work_pool(WorkPoolCreate(name=name, type="process"))
        changed = WorkPoolCreate(name=name, type="process", description="new", concurrency_limit=2)
        with pytest.raises(ObjectAlreadyExists):
            client.create_work_pool(changed)
        found = client.create_work_pool(changed, overwrite=True)
        assert (found.id, found.description, found.concurrency_limit) == (made.id, "new", 2)


def test_queues_are_found_by_the_beginning_of_their_name(client: SyncOstinatoClient) -> None:
    pool, word = unique("pool"), unique("q")
    with client:
        client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        for end in ("a", "b"):
            client.create_work_queue(WorkQueueCreate(name=f"{word}-{end}"), pool)
        assert {queue.name for queue in client.match_work_queues([word], pool)} == {f"{word}-a", f"{word}-b"}
        assert [queue.name for queue in client.match_work_queues([f"{word}-b", "nobody"])] == [f"{word}-b"]


def test_runs_that_wait_in_a_queue(client: SyncOstinatoClient) -> None:
    pool = unique("pool")
    with client:
        client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        queue = client.create_work_queue(WorkQueueCreate(name="own"), pool)
        flow_id = client.create_flow_from_name(unique("flow"))
        body = DeploymentCreate(name="d", flow_id=flow_id, work_pool_name=pool, work_queue_name="own")
        run = client.create_flow_run_from_deployment(client.create_deployment(body).id)
        soon = datetime.now(UTC) + timedelta(minutes=1)
        assert [found.id for found in client.get_runs_in_work_queue(queue.id, scheduled_before=soon)] == [run.id]
        long_ago = datetime.now(UTC) - timedelta(days=1)
        assert client.get_runs_in_work_queue(queue.id, scheduled_before=long_ago) == []
        assert client.read_work_queue_status(queue.id).late_runs_count == 0
        assert client.read_work_queue_concurrency_status(queue.id).active_slots == 0
        assert "own" in [found.queue_name for found in client.read_work_pool_concurrency_status(pool).queues]
