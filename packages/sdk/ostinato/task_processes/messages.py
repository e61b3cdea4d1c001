"""What a process of a pool and the one that started it say to each other, over a pair of sockets."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ostinato.shipment.pickling import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping
    from multiprocessing.connection import Connection
    from uuid import UUID

    from ostinato.engine.task_run import TaskRun
    from ostinato.shipment.parcels import Parcel
    from ostinato_wire.base import Json


@dataclass(frozen=True)
class Hello:
    """The first message to a process: where it finds modules, and what it calls before anything else, pickled."""

    search_path: list[str]
    initializer: bytes


@dataclass(frozen=True)
class Work:
    """A run to be executed."""

    parcel: Parcel
    outcomes: dict[UUID, bytes]


@dataclass(frozen=True)
class EventTold:
    """An event to be sent. One of the run's own states brings the record of the run, without the state's data."""

    event: Mapping[str, Json]
    run: TaskRun | None


@dataclass(frozen=True)
class LineLogged:
    """A log line to be sent."""

    entry: Mapping[str, Json]


@dataclass(frozen=True)
class Ended:
    """The run has ended; `outcome` is its last state, pickled."""

    outcome: bytes


@dataclass(frozen=True)
class Unusable:
    """The process cannot execute anything."""

    reason: str


def send(connection: Connection, message: object) -> None:
    """Send a message; waits while the other side has much to read. Raises OSError if it is gone."""
    connection.send_bytes(dumps(message))


def receive(connection: Connection) -> Any:  # Any: one of the messages above
    """Wait for a message. Raises EOFError or OSError if the other side is gone."""
    return pickle.loads(connection.recv_bytes())  # noqa: S301 - from a process of our own
