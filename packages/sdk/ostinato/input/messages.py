"""`send_input` and `receive_input`: runs that talk to each other while they run."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, Self

from uuid_utils.compat import uuid4

from ostinato.context import FlowRunContext
from ostinato.engine.drivers import adrive, drive
from ostinato.engine.steps import Plan, Sleep
from ostinato.input import storing
from ostinato.input.run_input import RunInput, input_class, key_prefix_of
from ostinato.utilities.paired import run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from pydantic import BaseModel

# Any below: values of users' types.


def send_input(
    run_input: Any,
    flow_run_id: UUID,
    sender: str | None = None,
    key_prefix: str | None = None,
    *,
    _sync: bool = False,
) -> None:
    """Send a value, a model or a RunInput to a flow run; the run around this call is the sender unless one is given."""
    return run(send(run_input, flow_run_id, sender, key_prefix), sync=_sync)


async def asend_input(
    run_input: Any, flow_run_id: UUID, sender: str | None = None, key_prefix: str | None = None
) -> None:
    """Do as `send_input`, in an event loop."""
    return await adrive(send(run_input, flow_run_id, sender, key_prefix))


def send(run_input: Any, flow_run_id: UUID, sender: str | None, key_prefix: str | None) -> Plan[None]:
    """Store an input of another run under a key of its own."""
    made = _as_input(run_input)
    context = FlowRunContext.get()
    if sender is None and context is not None:
        sender = f"prefect.flow-run.{context.flow_run.id}"
    key = f"{key_prefix or key_prefix_of(type(made))}-{uuid4()}"
    yield from storing.create(key, made.model_dump(mode="json", by_alias=True), flow_run_id, sender)


def _as_input(value: Any) -> RunInput:
    if isinstance(value, RunInput):
        return value
    kind = input_class(type(value))
    fields: BaseModel | None = value if hasattr(value, "model_dump") else None
    return kind.model_validate(fields.model_dump() if fields is not None else {"value": value})


class InputReceiver(Iterator[Any], AsyncIterator[Any]):
    """Iterates, sync or async, over inputs of a run as they come in; each once. It ends after a time without any."""

    def __init__(
        self,
        kind: type[RunInput],
        prefix: str,
        flow_run_id: UUID,
        timeout: float | None,
        poll_interval: float,
        raise_timeout_error: bool,
        exclude_keys: Iterable[str],
        with_metadata: bool,
    ) -> None:
        """`timeout` and `poll_interval` are in seconds; the time begins anew with each input."""
        self._kind = kind
        self._prefix = prefix
        self._flow_run_id = flow_run_id
        self._timeout = timeout
        self._poll_interval = poll_interval
        self._raise_timeout_error = raise_timeout_error
        self._seen = set(exclude_keys)
        self._with_metadata = with_metadata

    def __iter__(self) -> Self:
        return self

    def __aiter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        try:
            return drive(self._next())
        except TimeoutError:
            if self._raise_timeout_error:
                raise
            raise StopIteration from None

    async def __anext__(self) -> Any:
        try:
            return await adrive(self._next())
        except TimeoutError:
            if self._raise_timeout_error:
                raise
            raise StopAsyncIteration from None

    def next(self, *, _sync: bool = False) -> Any:
        """Return the next input. Raises TimeoutError if none comes in time."""
        return run(self._next(), sync=_sync)

    async def anext(self) -> Any:
        """Do as `next`, in an event loop."""
        return await adrive(self._next())

    def _next(self) -> Plan[Any]:
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        while True:
            found = yield from storing.find(self._prefix, 1, self._seen, self._flow_run_id)
            if found:
                self._seen.add(found[0].key)
                made = self._kind.of_input(found[0])
                return made if self._with_metadata else made.unwrapped()
            pause = self._poll_interval if deadline is None else min(self._poll_interval, deadline - time.monotonic())
            if pause <= 0:
                raise TimeoutError(f"No input {self._prefix!r} came within {self._timeout:g} second(s).")
            yield Sleep(pause)


def receive_input(
    input_type: Any,
    timeout: float | None = 3600,
    poll_interval: float = 10,
    raise_timeout_error: bool = False,
    exclude_keys: Iterable[str] | None = None,
    key_prefix: str | None = None,
    flow_run_id: UUID | None = None,
    with_metadata: bool = False,
) -> InputReceiver:
    """Return an iterator over inputs of a type, those that are there first: `for name in receive_input(str): ...`.

    It asks every `poll_interval` seconds and ends after `timeout` seconds without an input, or raises TimeoutError if
    `raise_timeout_error`. `with_metadata` yields the RunInput, which knows its sender, also for plain types.
    """
    kind = input_class(input_type)
    return InputReceiver(
        kind,
        key_prefix or key_prefix_of(kind),
        storing.run_or_current(flow_run_id),
        timeout,
        poll_interval,
        raise_timeout_error,
        exclude_keys or (),
        with_metadata,
    )
