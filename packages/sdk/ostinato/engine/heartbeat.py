"""Heartbeats of flow runs: one thread of the process tells for all of them that they are alive."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.events.worker import EventsSink

SHORTEST = 30.0
"""Seconds; a more frequent setting is not honoured."""


class Heartbeats:
    """The flow runs that are alive in this process. Get it by `Heartbeats.instance()`."""

    _instance: ClassVar[Heartbeats | None] = None
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self) -> None:
        self._alive: dict[UUID, tuple[float, EventsSink, dict[str, Any]]] = {}  # Any: an event's JSON
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @classmethod
    def instance(cls) -> Heartbeats:
        """Return the one of this process."""
        with cls._lock:
            if cls._instance is None:
                cls._instance = cls()
            return cls._instance

    @classmethod
    def forget(cls) -> None:
        """Begin anew, with a lock of one's own."""
        cls._instance, cls._lock = None, threading.Lock()

    def start(self, run_id: UUID, name: str, related: list[dict[str, str]], frequency: float | None) -> None:
        """Tell at once that the run is alive, and again every `frequency` seconds until `stop`; None tells nothing."""
        if frequency is None:
            return
        event = {
            "event": "prefect.flow-run.heartbeat",
            "resource": {"prefect.resource.id": f"prefect.flow-run.{run_id}", "prefect.resource.name": name},
            "related": [labels for labels in related if labels["prefect.resource.role"] != "flow-run"],
            "payload": {},
            "follows": None,
        }
        from ostinato.events.worker import EventsWorker

        worker = EventsWorker.instance()  # of the settings in force here, which the thread does not know
        _send(worker, event)
        with self._changed:
            self._alive[run_id] = (max(SHORTEST, frequency), worker, event)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="ostinato-heartbeats", daemon=True)
                self._thread.start()

    def stop(self, run_id: UUID) -> None:
        """The run has ended; the thread ends with the last one."""
        with self._changed:
            self._alive.pop(run_id, None)
            if not self._alive:
                self._changed.notify()

    def alive(self) -> frozenset[UUID]:
        """Return the ids of the runs that are told to be alive."""
        with self._changed:
            return frozenset(self._alive)

    def _run(self) -> None:
        while True:
            with self._changed:
                pause = min((frequency for frequency, _, _ in self._alive.values()), default=0.0)
                if pause and not self._changed.wait_for(lambda: not self._alive, pause):
                    due = [(worker, event) for _, worker, event in self._alive.values()]
                else:
                    self._thread = None
                    return
            for worker, event in due:
                _send(worker, event)


os.register_at_fork(after_in_child=Heartbeats.forget)  # there, runs and thread are the parent's


def _send(worker: EventsSink, event: dict[str, Any]) -> None:  # Any: as above
    worker.send({**event, "id": str(uuid7()), "occurred": datetime.now(UTC).isoformat()})
