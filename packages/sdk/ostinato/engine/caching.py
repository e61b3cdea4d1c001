"""What a task says about storing and caching its results, and the key that a run's result is stored under."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ostinato.context import FlowRunContext

if TYPE_CHECKING:
    from ostinato.cache_policies import CachePolicy
    from ostinato.context import TaskRunContext

# Any below: options of `@task`, arguments and functions of users.

_logger = logging.getLogger("ostinato.tasks")


def persist_option(options: Mapping[str, Any]) -> bool | None:
    """Return whether the results are to be stored: as the options say, or because another option needs it."""
    given = options.get("persist_result")
    if given is not None:
        return given
    others = ("cache_key_fn", "result_storage", "result_serializer", "result_storage_key")
    if any(options.get(name) is not None for name in others):
        return True
    policy = options.get("cache_policy")
    if policy is None:
        return None
    from ostinato.cache_policies import NO_CACHE

    return None if policy == NO_CACHE else True


def check_options(options: Mapping[str, Any], name: str) -> None:
    """Warn of options of the task `name` that contradict each other. Raises TypeError for what cannot be one."""
    check_results(options)
    policy = options.get("cache_policy")
    if policy is not None:
        from ostinato.cache_policies import CachePolicy

        if not isinstance(policy, CachePolicy):
            raise TypeError(f"`cache_policy` must be a CachePolicy, such as INPUTS, got {type(policy).__name__}.")
    key_fn = options.get("cache_key_fn")
    if key_fn is not None and not callable(key_fn):
        raise TypeError("`cache_key_fn` must be a callable (context, parameters).")
    if policy is not None and key_fn is not None:
        _logger.warning("Task %r has a `cache_policy` and a `cache_key_fn`; the function is used.", name)
    if options.get("persist_result") is False and (policy is not None or key_fn is not None):
        _logger.warning("Task %r does not persist its results, so it does not cache them either.", name)


def check_results(options: Mapping[str, Any]) -> None:
    """Raise TypeError for what is no storage or no serializer, ValueError for a serializer that does not exist."""
    if options.get("result_storage") is not None:
        from ostinato.results.storage import checked_reference

        checked_reference(options["result_storage"], "result_storage")
    if options.get("result_serializer") is not None:
        from ostinato.serializers import resolve_serializer

        resolve_serializer(options["result_serializer"])


def policy_of(options: Mapping[str, Any]) -> CachePolicy | None:
    """Return the policy by which the keys are made; None if the task has a `result_storage_key`."""
    from ostinato.cache_policies import DEFAULT, NO_CACHE, CachePolicy
    from ostinato.settings import get_current_settings

    settings = get_current_settings().tasks
    if settings.disable_caching or options.get("persist_result") is False:
        return NO_CACHE
    if options.get("result_storage_key") is not None:
        return None
    if options.get("cache_key_fn") is not None:
        return CachePolicy.from_cache_key_fn(options["cache_key_fn"])
    return options.get("cache_policy") or (NO_CACHE if settings.default_no_cache else DEFAULT)


class SourceText:
    """The text of a function, as it is when it is asked for; of a file that has changed since, the compiled code."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = inspect.unwrap(function)
        self._changed = self._changed_at()

    def _changed_at(self) -> float | None:
        code = getattr(self._function, "__code__", None)
        try:
            return Path(code.co_filename).stat().st_mtime if code is not None else None
        except OSError:
            return None

    def read(self) -> str:
        """Return the text."""
        if self._changed is not None and self._changed_at() == self._changed:
            try:
                return inspect.getsource(self._function)
            except (OSError, TypeError):
                pass
        from ostinato.engine.identity import task_key

        return task_key(self._function)


def storage_key(template: str, context: TaskRunContext) -> str:
    """Return a `result_storage_key` filled with `flow_run`, `task_run`, `deployment` and `parameters` of a run."""
    flow, run = FlowRunContext.get(), context.task_run
    flow_run = SimpleNamespace(id=None, name=None, flow_name=None, parameters={}, run_count=0, tags=[])
    deployment = SimpleNamespace(id=None, flow_run_id=None, parameters={})
    if flow is not None:
        told = flow.flow_run
        flow_run = SimpleNamespace(
            id=str(told.id), name=told.name, flow_name=flow.flow.name, parameters=flow.parameters,
            run_count=told.run_count, tags=told.tags, flow_version=flow.flow.version,
        )  # fmt: skip
        if told.deployment_id is not None:
            deployment = SimpleNamespace(
                id=str(told.deployment_id), flow_run_id=str(told.id), parameters=told.parameters
            )
    task_run = SimpleNamespace(
        id=str(run.id), name=run.name, task_name=context.task.name, parameters=context.parameters,
        run_count=run.run_count, tags=run.tags,
    )  # fmt: skip
    return template.format(flow_run=flow_run, task_run=task_run, deployment=deployment, parameters=context.parameters)


def key_of(context: TaskRunContext) -> str | None:
    """Return the key of a run's result; None if it is stored, but not found again. Raises what its policy raises."""
    task = context.task
    if task.result_storage_key is not None:
        return storage_key(task.result_storage_key, context)
    policy = task.cache_policy
    if policy is None:
        return None
    flow = FlowRunContext.get()
    return policy.compute_key(context, context.parameters, flow.parameters if flow is not None else {})
