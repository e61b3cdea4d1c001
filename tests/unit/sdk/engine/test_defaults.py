"""Defaults of flows and tasks that settings give."""

from __future__ import annotations

from ostinato import flow, task
from ostinato.settings import temporary_settings
from tests.support.engine import FakeServer


def test_tasks_are_retried_as_the_settings_say(server: FakeServer) -> None:
    with temporary_settings({"tasks.default_retries": 2}):

        @task
        def fail() -> None:
            raise ValueError("no")

        @task(retries=0)
        def once() -> None:
            raise ValueError("no")

        fail(return_state=True)
        once(return_state=True)

    first, second = server.task_states().values()
    assert first == ["Pending", "Running", "Retrying", "Retrying", "Failed"]
    assert second == ["Pending", "Running", "Failed"]


def test_delays_of_retries_have_a_default_too(server: FakeServer) -> None:
    settings = {"tasks.default_retries": 1, "tasks.default_retry_delay_seconds": 0.001}
    with temporary_settings(settings):

        @task
        def fail() -> None:
            raise ValueError("no")

        fail(return_state=True)

    assert server.only_task_states() == ["Pending", "Running", "AwaitingRetry", "Retrying", "Failed"]


def test_flows_are_retried_as_the_settings_say(server: FakeServer) -> None:
    with temporary_settings({"flows.default_retries": 1}):

        @flow
        def fail() -> None:
            raise ValueError("no")

        assert fail(return_state=True).is_failed()

    assert server.state_names() == ["Pending", "Running", "AwaitingRetry", "Running", "Failed"]
    assert server.only_flow_run.empirical_policy.retries == 1
