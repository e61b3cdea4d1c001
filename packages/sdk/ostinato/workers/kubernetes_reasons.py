"""Why a pod does not start, or how it ended, in words: of what the cluster tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ostinato_wire.base import JsonObject

# Any below: JSON of the cluster's API.

FAILED = 1
NOT_TOLD = frozenset({"Error", "Completed", "ContainerCreating", "PodInitializing"})
"""Reasons that say nothing which the exit status, or waiting, does not say."""


def has_started(pod: JsonObject) -> bool:
    """Whether a container of the pod runs or ran."""
    return _status(pod).get("phase") in ("Running", "Succeeded", "Failed")


def has_ended(pod: JsonObject) -> bool:
    """Whether no container of the pod runs any more."""
    return _status(pod).get("phase") in ("Succeeded", "Failed")


def why_waiting(pods: list[JsonObject]) -> str:
    """Return why no pod of a job has started."""
    if not pods:
        return "the cluster made no pod for the job; see the job's events, e.g. a quota or an admission refused it"
    status = _status(pods[-1])
    for container in _containers(status):
        waiting = _part(_part(container, "state"), "waiting")
        if waiting.get("reason") and waiting["reason"] not in NOT_TOLD:
            return _with_message(waiting["reason"], waiting.get("message"))
    for condition in _conditions(status):
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return _with_message(condition.get("reason") or "Unschedulable", condition.get("message"))
    return "its containers are still being made"


def how_job_ended(job: JsonObject) -> tuple[bool, str | None] | None:
    """Return whether a job ended well, and the cluster's reason if it did not; None if it goes on."""
    for condition in _conditions(_status(job)):
        if condition.get("status") == "True" and condition.get("type") in ("Complete", "SuccessCriteriaMet"):
            return True, None
        if condition.get("status") == "True" and condition.get("type") == "Failed":
            return False, _with_message(condition.get("reason") or "Failed", condition.get("message"))
    return None


def how_pod_ended(pods: list[JsonObject]) -> tuple[int, str | None] | None:
    """Return the exit status of the newest pod that failed, and the cluster's reason; None if none failed."""
    for pod in reversed(pods):
        status = _status(pod)
        if status.get("phase") != "Failed":
            continue
        code, reason = _container_end(status)
        if status.get("reason"):  # of the pod: Evicted, NodeLost, Shutdown
            reason = _with_message(status["reason"], status.get("message"))
        for condition in _conditions(status):
            if condition.get("type") == "DisruptionTarget" and condition.get("status") == "True" and not reason:
                reason = _with_message(condition.get("reason") or "Disrupted", condition.get("message"))
        return code or FAILED, reason
    return None


def _container_end(status: dict[str, Any]) -> tuple[int, str | None]:
    code, reason = 0, None
    for container in _containers(status):
        ended = _part(_part(container, "state"), "terminated")
        if not ended.get("exitCode"):
            continue
        code = int(ended["exitCode"])
        if ended.get("reason") == "OOMKilled":
            return code, "The container was killed because it used more memory than it may (OOMKilled)."
        if ended.get("reason") and ended["reason"] not in NOT_TOLD:
            reason = _with_message(ended["reason"], ended.get("message"))
    return code, reason


def _part(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    return item.get(name) or {}


def _status(item: JsonObject) -> dict[str, Any]:
    return _part(item, "status")


def _containers(status: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from status.get("initContainerStatuses") or []
    yield from status.get("containerStatuses") or []


def _conditions(status: dict[str, Any]) -> list[dict[str, Any]]:
    return status.get("conditions") or []


def _with_message(reason: Any, message: Any) -> str:
    return f"{reason}: {message}" if message else str(reason)
