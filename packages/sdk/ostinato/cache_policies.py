"""Cache policies: what the key of a task's result is made of. Runs with the same key share one result.

`INPUTS + TASK_SOURCE` takes both into account, `INPUTS - "verbose"` leaves one argument out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from ostinato.exceptions import HashError
from ostinato.utilities.hashing import hash_objects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ostinato.context import TaskRunContext
    from ostinato.locking.protocol import LockManager
    from ostinato.results.storage import WritableFileSystem
    from ostinato.transactions import IsolationLevel

# Any below: arguments of users' functions.

CacheKeyFn = Callable[["TaskRunContext", dict[str, Any]], str | None]
"""A user's function of a run's context and arguments; None for a result that is not cached."""

Isolation = Literal["READ_COMMITTED", "SERIALIZABLE"]


@dataclass
class CachePolicy:
    """The base of cache policies; a subclass computes the key.

    `key_storage` (a block, a path or `type-slug/name`) keeps the records' metadata apart from the values.
    `isolation_level` SERIALIZABLE lets one run at a time have a key, by the locks of `lock_manager`.
    """

    key_storage: WritableFileSystem | str | Path | None = None
    isolation_level: Isolation | IsolationLevel | None = None
    lock_manager: LockManager | None = None

    @classmethod
    def from_cache_key_fn(cls, cache_key_fn: CacheKeyFn) -> CacheKeyFnPolicy:
        """Return the policy whose key is what a function of the run's context and arguments returns."""
        return CacheKeyFnPolicy(cache_key_fn=cache_key_fn)

    def configure(
        self,
        key_storage: WritableFileSystem | str | Path | None = None,
        lock_manager: LockManager | None = None,
        isolation_level: Isolation | IsolationLevel | None = None,
    ) -> Self:
        """Return a copy with other settings; those not given stay."""
        given = {"key_storage": key_storage, "lock_manager": lock_manager, "isolation_level": isolation_level}
        return replace(self, **{name: value for name, value in given.items() if value is not None})

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],
        **kwargs: Any,
    ) -> str | None:
        """Return the key of a run, or None if its result is not cached."""
        raise NotImplementedError

    def __sub__(self, other: str) -> CachePolicy:
        """Return the policy without one argument; it stays the same if it does not look at arguments."""
        if not isinstance(other, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without type checker
            raise TypeError(f"A cache policy minus the name of an argument, got {type(other).__name__}.")
        return self

    def __add__(self, other: CachePolicy) -> CachePolicy:
        """Return the policy whose key changes with the key of either."""
        if type(other) is _None:
            return self
        return CompoundCachePolicy(
            key_storage=_one("storage locations", self.key_storage, other.key_storage),
            isolation_level=_one("isolation levels", self.isolation_level, other.isolation_level),
            lock_manager=_one("lock managers", self.lock_manager, other.lock_manager),
            policies=[self, other],
        )


def _one(what: str, first: Any, second: Any) -> Any:
    if first is not None and second is not None and first != second:
        raise ValueError(f"Cache policies with different {what} cannot be added; configure one of them, or their sum.")
    return second if first is None else first


@dataclass
class CacheKeyFnPolicy(CachePolicy):
    """The key is what a user's function returns."""

    cache_key_fn: CacheKeyFn | None = None

    def compute_key(
        self, task_ctx: TaskRunContext, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        """Return what the function says."""
        return self.cache_key_fn(task_ctx, inputs) if self.cache_key_fn is not None else None


@dataclass
class CompoundCachePolicy(CachePolicy):
    """The sum of policies: the arguments that `Inputs` look at are hashed once, and last."""

    policies: list[CachePolicy] = field(default_factory=list[CachePolicy])

    def __post_init__(self) -> None:
        parts: list[CachePolicy] = []
        for policy in self.policies:
            parts += policy.policies if isinstance(policy, CompoundCachePolicy) else [policy]
        inputs = [policy for policy in parts if isinstance(policy, Inputs)]
        self.policies = [policy for policy in parts if not isinstance(policy, (Inputs, _None))]
        if inputs:
            excluded = sorted({name for policy in inputs for name in policy.exclude})
            self.policies.append(Inputs(exclude=excluded))

    def compute_key(
        self, task_ctx: TaskRunContext, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        """Return the hash of the parts' keys; None if none of them has one."""
        keys = [policy.compute_key(task_ctx, inputs, flow_parameters, **kwargs) for policy in self.policies]
        known = [key for key in keys if key is not None]
        return hash_objects(*known, raise_on_failure=True) if known else None

    def __sub__(self, other: str) -> CachePolicy:
        """Return the sum with one argument left out by the part that looks at arguments."""
        super().__sub__(other)
        return replace(self, policies=[policy - other for policy in self.policies])


@dataclass
class _None(CachePolicy):
    """Nothing is cached."""

    def compute_key(
        self, task_ctx: TaskRunContext, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        """Return None."""
        return None

    def __add__(self, other: CachePolicy) -> CachePolicy:
        """Return `other`: no policy adds nothing."""
        return other


@dataclass
class TaskSource(CachePolicy):
    """The key changes with the text of the task's function; comments count, functions that it calls do not."""

    def compute_key(
        self, task_ctx: TaskRunContext, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        """Return the hash of the source."""
        return hash_objects(task_ctx.task.source_code)


@dataclass
class FlowParameters(CachePolicy):
    """The key changes with the parameters of the flow run."""

    def compute_key(
        self, task_ctx: TaskRunContext, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        """Return the hash of the parameters; None outside of a flow, or if it has none. Raises ValueError."""
        return _hash(flow_parameters, "parameter of the flow") if flow_parameters else None


@dataclass
class RunId(CachePolicy):
    """The key is the flow run, outside of a flow the task run: a result is used again within one run only."""

    def compute_key(
        self, task_ctx: TaskRunContext, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        """Return the id of the run."""
        return str(task_ctx.task_run.flow_run_id or task_ctx.task_run.id)


@dataclass
class Inputs(CachePolicy):
    """The key changes with the arguments, but for those in `exclude`."""

    exclude: list[str] = field(default_factory=list[str])

    def compute_key(
        self, task_ctx: TaskRunContext, inputs: dict[str, Any], flow_parameters: dict[str, Any], **kwargs: Any
    ) -> str | None:
        """Return the hash of the arguments; None without any. Raises ValueError, which names what has no hash."""
        if not inputs:
            return None
        return _hash({name: value for name, value in inputs.items() if name not in self.exclude}, "argument")

    def __sub__(self, other: str) -> CachePolicy:
        """Return the policy with one more argument left out."""
        super().__sub__(other)
        return replace(self, exclude=sorted({*self.exclude, other}))


def _hash(values: Mapping[str, Any], what: str) -> str | None:
    try:
        return hash_objects(dict(values), raise_on_failure=True)
    except HashError as error:
        raise ValueError(_advice(values, what, error)) from error


def _advice(values: Mapping[str, Any], what: str, error: HashError) -> str:
    culprits = {name: type(value).__name__ for name, value in values.items() if hash_objects(value) is None}
    named = ", ".join(f"{name!r} (a {kind})" for name, kind in culprits.items()) or "one of them"
    remedy = f"leave it out of the key by cache_policy=INPUTS - {next(iter(culprits))!r}, " if culprits else ""
    if what != "argument":
        remedy = ""
    return (
        f"The cache key cannot be computed: the {what} {named} has no hash. {error} What has no lasting value, such as "
        f"a lock, a connection or an open file, cannot be part of a key: {remedy}make the key by a `cache_key_fn`, or "
        "do not cache by cache_policy=NO_CACHE."
    )


INPUTS = Inputs()
NONE = _None()
NO_CACHE = NONE
TASK_SOURCE = TaskSource()
FLOW_PARAMETERS = FlowParameters()
RUN_ID = RunId()
DEFAULT = INPUTS + TASK_SOURCE + RUN_ID
