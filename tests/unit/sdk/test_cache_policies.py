"""Cache policies: their keys, their sums and differences, and errors that name the argument."""

from __future__ import annotations

import threading
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato import task
from ostinato.cache_policies import (
    DEFAULT,
    FLOW_PARAMETERS,
    INPUTS,
    NO_CACHE,
    NONE,
    RUN_ID,
    TASK_SOURCE,
    CacheKeyFnPolicy,
    CachePolicy,
    CompoundCachePolicy,
)
from ostinato.context import TaskRunContext
from ostinato.locking.filesystem import FileSystemLockManager
from ostinato.utilities.hashing import hash_objects


def constant(*_: object) -> str:
    """Return the same key for every run."""
    return "k"


PARTS = [
    INPUTS,
    TASK_SOURCE,
    RUN_ID,
    FLOW_PARAMETERS,
    NONE,
    INPUTS - "a",
    CacheKeyFnPolicy(cache_key_fn=constant),
]
policies = st.sampled_from(PARTS)


class Run:
    """Stands for a task run."""

    def __init__(self, flow_run_id: UUID | None) -> None:
        self.id, self.flow_run_id = UUID(int=1), flow_run_id


class Context:
    """Stands for the context of a task run."""

    def __init__(self, flow_run_id: UUID | None = None) -> None:
        self.task, self.task_run = one, Run(flow_run_id)


@task
def one(a: int) -> int:
    return a


def key(policy: CachePolicy, **inputs: Any) -> str | None:
    return policy.compute_key(cast("TaskRunContext", Context()), inputs, inputs.pop("flow_parameters", {}))


def test_inputs_are_the_arguments() -> None:
    assert key(INPUTS, a=1) == key(INPUTS, a=1) != key(INPUTS, a=2)
    assert key(INPUTS - "b", a=1, b=1) == key(INPUTS - "b", a=1, b=2) == key(INPUTS - "b" - "c", a=1, b=3)
    assert key(INPUTS) is None


def test_run_id_is_the_flow_run_or_the_task_run() -> None:
    assert key(RUN_ID) == str(UUID(int=1))
    within = cast("TaskRunContext", Context(UUID(int=2)))
    assert RUN_ID.compute_key(within, {}, {}) == str(UUID(int=2))


def test_flow_parameters_and_source() -> None:
    assert key(FLOW_PARAMETERS, flow_parameters={"x": 1}) == hash_objects({"x": 1})
    assert key(FLOW_PARAMETERS) is None
    assert key(TASK_SOURCE) == hash_objects("@task\ndef one(a: int) -> int:\n    return a\n")


def test_no_policy_has_no_key() -> None:
    assert NO_CACHE is NONE
    assert key(NONE, a=1) is None
    assert NONE + INPUTS == INPUTS == INPUTS + NONE
    assert key(NONE + NONE, a=1) is None


def test_the_sum_is_the_hash_of_its_keys_with_the_arguments_last() -> None:
    both = INPUTS + TASK_SOURCE
    assert key(both, a=1) == hash_objects(key(TASK_SOURCE), key(INPUTS, a=1))
    assert both == TASK_SOURCE + INPUTS
    assert key(DEFAULT, a=1) == hash_objects(key(TASK_SOURCE), key(RUN_ID), key(INPUTS, a=1))


@given(parts=st.lists(policies, min_size=1, max_size=5), changed=st.sampled_from(["a", "b"]))
def test_a_sum_takes_notice_of_what_no_part_excludes(parts: list[CachePolicy], changed: str) -> None:
    total = sum(parts[1:], start=parts[0])
    before, after = key(total, a=1, b=1), key(total, **{"a": 1, "b": 1, changed: 2})
    looks = [part for part in parts if part in (INPUTS, INPUTS - "a")]
    seen = bool(looks) and not (changed == "a" and INPUTS - "a" in looks)
    assert (before != after) is seen


@given(parts=st.lists(policies, min_size=2, max_size=5), name=st.text())
def test_sums_group_as_they_like_and_lose_an_argument_together(parts: list[CachePolicy], name: str) -> None:
    first, *rest = parts
    grouped = first + sum(rest[1:], start=rest[0])
    total = sum(rest, start=first)
    assert key(grouped, a=1, b=2) == key(total, a=1, b=2)
    assert key(total - name, **{"a": 1, name: 1}) == key(total - name, **{"a": 1, name: 2}) or name == "a"


def test_settings_of_a_sum_come_from_its_parts() -> None:
    total = INPUTS.configure(key_storage="/a") + TASK_SOURCE.configure(isolation_level="SERIALIZABLE")
    assert (total.key_storage, total.isolation_level) == ("/a", "SERIALIZABLE")
    assert INPUTS.key_storage is None
    assert (total - "x").key_storage == "/a"


@pytest.mark.parametrize(
    ("settings", "others", "told"),
    [
        ({"key_storage": "/a"}, {"key_storage": "/b"}, "storage locations"),
        ({"isolation_level": "SERIALIZABLE"}, {"isolation_level": "READ_COMMITTED"}, "isolation levels"),
        (
            {"lock_manager": FileSystemLockManager("/a")},
            {"lock_manager": FileSystemLockManager("/b")},
            "lock managers",
        ),
    ],
)
def test_different_settings_cannot_be_added(settings: dict[str, Any], others: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        _ = INPUTS.configure(**settings) + TASK_SOURCE.configure(**others)
    assert isinstance(INPUTS.configure(**settings) + TASK_SOURCE.configure(**settings), CompoundCachePolicy)


def test_only_names_of_arguments_can_be_left_out() -> None:
    with pytest.raises(TypeError, match="got int"):
        INPUTS.__sub__(1)  # pyright: ignore[reportArgumentType] - the mistake


def test_an_argument_without_hash_is_named_with_the_remedy() -> None:
    with pytest.raises(ValueError, match=r"argument 'guard' \(a lock\) has no hash.*INPUTS - 'guard'.*NO_CACHE"):
        key(DEFAULT, a=1, guard=threading.Lock())
    assert key(DEFAULT - "guard", a=1, guard=threading.Lock())
    with pytest.raises(ValueError, match="parameter of the flow 'guard'"):
        key(FLOW_PARAMETERS, flow_parameters={"guard": threading.Lock()})


def test_a_function_is_a_policy() -> None:
    policy = CachePolicy.from_cache_key_fn(lambda _, parameters: f"k-{parameters['a']}")
    assert key(policy, a=1) == "k-1"
    assert key(policy + INPUTS, a=1) == hash_objects("k-1", key(INPUTS, a=1))
