"""A process that is started before there is a run for it: it loads what every run needs, and waits for one.

What it becomes cannot be told from a process that was started for the run: environment, folder, output and `sys.path`
are the run's. What an interpreter reads as it starts cannot be handed over; the supervisor sees to it that it is alike.
"""

from __future__ import annotations

import importlib
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ostinato.engine import control

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE: Final = "OSTINATO__WARM"
"""Environment variable that makes an engine wait."""
READY: Final = b"ready\n"
TAKEN: Final = b"taken\n"
"""What it says when it waits, and when it has become the process of the run."""
HEADER_BYTES: Final = 8
"""A job is sent as the length of its JSON in so many bytes, big-endian, and the JSON."""

LOADED: Final = (
    "asyncio",
    "httpcore",
    "httpx",
    "websockets.asyncio.client",
    "websockets.sync.client",
    "ostinato.client.lookup",
    "ostinato.client.orchestration",
    "ostinato.client.plans.deployments",
    "ostinato.client.plans.filters",
    "ostinato.client.plans.flow_runs",
    "ostinato.client.plans.flows",
    "ostinato.client.plans.states",
    "ostinato.client.runs",
    "ostinato.client.sockets",
    "ostinato.deployments.entrypoints",
    "ostinato.deployments.steps",
    "ostinato.engine.process",
    "ostinato.engine.suspension",
    "ostinato.events.clients",
    "ostinato.events.delivery",
    "ostinato.events.emit",
    "ostinato.events.worker",
    "ostinato.flows",
    "ostinato.journal.book",
    "ostinato.journal.notes",
    "ostinato.journal.replay",
    "ostinato.logging.sending",
    "ostinato.logging.shipping",
    "ostinato.results.defaults",
    "ostinato.results.store",
    "ostinato.runner.git",
    "ostinato.tasks",
)
"""Modules that every run of a deployment loads; none of them reads environment, settings or folder as it is loaded."""


def wait_if_warm() -> None:
    """Where this process was started ahead: wait for a run and take its place; end if none will come."""
    if os.environ.pop(VARIABLE, None) is None:
        return
    folder = str(Path.cwd())
    load()
    number = int(os.environ[control.VARIABLE])
    with socket.socket(fileno=number) as line:
        line.sendall(READY)
        job = _receive(line)
        if job is None:  # the supervisor is gone, or needs this no more
            os._exit(0)
        _become(job, folder, number)
        line.sendall(TAKEN)
        line.detach()  # the run goes on with it


def load() -> None:
    """Do ahead what takes longest in a short run: load modules, and build the models of what is sent and read."""
    for name in LOADED:
        importlib.import_module(name)
    from ostinato.client.operation import prepare
    from ostinato.events import Event
    from ostinato.settings import Settings
    from ostinato_wire.deployments import Deployment
    from ostinato_wire.events import EventFilter
    from ostinato_wire.flow_runs import FlowRun, FlowRunPolicy
    from ostinato_wire.logs import LogCreate
    from ostinato_wire.states import OrchestrationResult, StateCreate

    prepare(Deployment, FlowRun, OrchestrationResult)
    for model in (Event, EventFilter, FlowRunPolicy, LogCreate, Settings, StateCreate):
        model.model_rebuild()


def _receive(line: socket.socket) -> Mapping[str, Any] | None:  # Any: JSON
    import orjson

    header = _read(line, HEADER_BYTES)
    text = header and _read(line, int.from_bytes(header))
    return orjson.loads(text) if text else None


def _read(line: socket.socket, size: int) -> bytes:
    """Return so many bytes; fewer never: none if the other end was closed before."""
    read = bytearray()
    while len(read) < size:
        try:
            more = line.recv(size - len(read))
        except ConnectionError:
            more = b""
        if not more:
            return b""
        read += more
    return bytes(read)


def _become(job: Mapping[str, Any], former_folder: str, line: int) -> None:  # Any: JSON
    os.environ.clear()
    os.environ.update(job["environment"])
    os.environ[control.VARIABLE] = str(line)
    os.chdir(job["directory"])
    if sys.path[:1] == [former_folder]:  # what `python -m` puts there
        sys.path[0] = str(Path.cwd())
    importlib.invalidate_caches()
    if not job["stream_output"]:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
        os.close(nowhere)
