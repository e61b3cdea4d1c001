"""A task run that fails is tried again while it has retries left."""

from collections.abc import Callable
from datetime import timedelta
from random import random

from ostinato_core.orchestration.jitter import clamped_poisson_interval
from ostinato_core.orchestration.ports import Ports
from ostinato_core.orchestration.rule import BaseRule, Decision, Edge, Reject
from ostinato_core.orchestration.states import RunState, wire_time
from ostinato_core.orchestration.transition import Change, TaskRunFacts
from ostinato_wire.base import JsonObject
from ostinato_wire.states import StateType


class RetryFailedTaskRuns(BaseRule[TaskRunFacts]):
    """FAILED becomes AwaitingRetry, unless the state says that it cannot be retried.

    `uniform` gives random numbers in [0, 1), for the jitter of delays.
    """

    edge = Edge(from_={StateType.RUNNING}, to={StateType.FAILED})

    def __init__(self, uniform: Callable[[], float] = random) -> None:
        self._uniform = uniform

    async def before(self, change: Change[TaskRunFacts], ports: Ports) -> Decision | None:
        failed, policy = change.proposed, change.run.empirical_policy
        retries = policy.get("retries")
        if failed.details["retriable"] is False or retries is None or change.run.run_count > retries:
            return None
        due = change.now + timedelta(seconds=self._delay(policy, change.run.run_count))
        retry = RunState.make(
            StateType.SCHEDULED,
            change.now,
            name="AwaitingRetry",
            message=failed.message,
            data=failed.data,
            details={"scheduled_time": wire_time(due)},
        )
        return Reject("Retrying", retry)

    def _delay(self, policy: JsonObject, run_count: int) -> float:
        """Return the seconds before the next run: a number, or the entry of a list that fits the run."""
        given: float | list[float] | None = policy.get("retry_delay")
        if isinstance(given, list):
            given = given[min(max(run_count - 1, 0), len(given) - 1)] if given else 0
        factor: float | None = policy.get("retry_jitter_factor")
        if given and factor and given > 0:
            return clamped_poisson_interval(given, factor, self._uniform())
        return given or 0
