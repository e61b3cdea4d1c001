"""Two thin drivers of plans: one blocks the thread, the other awaits. Everything that is I/O happens here."""

from __future__ import annotations

import inspect
import time
from contextlib import AsyncExitStack, ExitStack
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ostinato.engine import timeouts
from ostinato.engine.steps import (
    EXHAUSTED,
    Call,
    ConsumerGone,
    Deliver,
    Either,
    Emit,
    NextItem,
    Offload,
    Plan,
    Request,
    Sleep,
    Step,
    Wait,
)
from ostinato.exceptions import UserCodeTimeout

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator

    from ostinato.client.orchestration import OstinatoClient, SyncOstinatoClient
    from ostinato.engine.task_plan import TaskRunEngine
    from ostinato.futures import OstinatoFuture
    from ostinato.states import State

T = TypeVar("T")

# Any below: outcomes of users' functions and of client methods.
# asyncio is imported where something is awaited, since it is a fifth of what `from ostinato import flow` takes.


def _send_event(event: dict[str, Any]) -> None:
    from ostinato.events.worker import EventsWorker

    EventsWorker.instance().send(event)


def _scope(stack: ExitStack | AsyncExitStack, step: Call | NextItem) -> None:
    """Enter what surrounds a user's function: its run context, and the patched `print`."""
    if step.context is not None:
        stack.enter_context(step.context)
    if step.log_prints:
        from ostinato.logging import patch_print

        stack.enter_context(patch_print())


class SyncEffects:
    """Carries out steps in this thread. An enclosing run's client is used if there is one."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._client: SyncOstinatoClient | None = None

    def close(self) -> None:
        """Close the client if this driver opened it."""
        self._stack.close()

    def perform(self, step: Step) -> Any:
        """Carry out `step` and return its outcome; errors are raised."""
        kind = type(step)
        if kind is Emit:
            return _send_event(cast("Emit", step).event)
        if kind is Call:
            return self._call(cast("Call", step))
        return self._perform_rare(step)

    def _perform_rare(self, step: Step) -> Any:
        match step:
            case Request(method, arguments):
                return getattr(self._open_client(), method)(**arguments)
            case Sleep(seconds):
                return time.sleep(seconds)
            case NextItem(items):
                return self._scoped(step, lambda: next(cast("Iterator[Any]", items), EXHAUSTED))
            case Wait(future):
                return future.wait()
            case Offload(function):
                return function()
            case Either(blocking):
                return blocking()
            case _:
                raise TypeError(f"{type(step).__name__} has no place in this driver.")

    def _open_client(self) -> SyncOstinatoClient:
        if self._client is None:
            from ostinato.client import get_client

            self._client = self._stack.enter_context(get_client(sync_client=True))
            self._client.check_server_version()
        return self._client

    def _call(self, step: Call) -> Any:
        kwargs = step.kwargs or {}
        if step.context is not None and step.timeout is None and not step.log_prints:
            with step.context:  # the way of most task runs, kept short
                outcome = step.function(*step.args, **kwargs)
        else:
            outcome = self._scoped(step, lambda: step.function(*step.args, **kwargs))
        return run_coroutine(outcome) if inspect.iscoroutine(outcome) else outcome

    def _scoped(self, step: Call | NextItem, function: Callable[[], T]) -> T:
        with ExitStack() as stack:
            _scope(stack, step)
            if step.timeout is not None:
                stack.enter_context(timeouts.limit(step.timeout))
            return function()


def run_coroutine(coroutine: Any) -> Any:
    """Run a coroutine to its end from code that is not async, also where a loop runs in this thread."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    from concurrent.futures import ThreadPoolExecutor
    from contextvars import copy_context

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(copy_context().run, asyncio.run, coroutine).result()


class AsyncEffects:
    """Carries out steps in the running event loop. An enclosing run's client of the same loop is used."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._client: OstinatoClient | None = None

    async def close(self) -> None:
        """Close the client if this driver opened it."""
        await self._stack.aclose()

    async def perform(self, step: Step) -> Any:
        """Carry out `step` and return its outcome; errors are raised."""
        import asyncio

        match step:
            case Emit(event):
                return _send_event(event)
            case Call():
                return await self._call(step)
            case Request(method, arguments):
                return await getattr(await self._open_client(), method)(**arguments)
            case Sleep(seconds):
                return await asyncio.sleep(seconds)
            case NextItem(items):
                return await self._scoped(step, lambda: anext(cast("AsyncIterator[Any]", items), EXHAUSTED))
            case Wait(future):
                return await _final(future)
            case Offload(function):
                return await asyncio.to_thread(function)
            case Either(_, awaiting):
                return await awaiting()
            case _:
                raise TypeError(f"{type(step).__name__} has no place in this driver.")

    async def _open_client(self) -> OstinatoClient:
        if self._client is None:
            from ostinato.client import get_client

            self._client = await self._stack.enter_async_context(get_client())
            await self._client.check_server_version()
        return self._client

    async def _call(self, step: Call) -> Any:
        kwargs = step.kwargs or {}
        if step.context is not None and step.timeout is None and not step.log_prints:
            with step.context:  # the way of most task runs, kept short
                outcome = step.function(*step.args, **kwargs)
                return await outcome if inspect.isawaitable(outcome) else outcome
        return await self._scoped(step, lambda: step.function(*step.args, **kwargs))

    async def _scoped(self, step: Call | NextItem, function: Callable[[], Awaitable[Any] | Any]) -> Any:
        async with AsyncExitStack() as stack:
            _scope(stack, step)
            if step.timeout is None:
                outcome = function()
                return await outcome if inspect.isawaitable(outcome) else outcome
            return await self._limited(function, step.timeout)

    @staticmethod
    async def _limited(function: Callable[[], Awaitable[Any] | Any], seconds: float) -> Any:
        import asyncio

        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                outcome = function()
                return await outcome if inspect.isawaitable(outcome) else outcome
        except TimeoutError as error:
            if limit.expired():
                raise UserCodeTimeout(f"The function ran longer than {seconds} second(s).") from error
            raise


async def _final(future: OstinatoFuture[Any]) -> None:
    """Wait for a run in another thread without a thread that waits for it."""
    import asyncio

    loop = asyncio.get_running_loop()
    final = asyncio.Event()

    def tell(_: object) -> None:
        try:
            loop.call_soon_threadsafe(final.set)
        except RuntimeError:  # the loop has been closed: nobody waits any more
            return

    future.add_done_callback(tell)
    await final.wait()


def drive(plan: Plan[T], effects: SyncEffects | None = None) -> T:
    """Run `plan` to its end in this thread and return what it returns; `effects` carry out its steps."""
    effects = effects or SyncEffects()
    try:
        step = next(plan)
        while True:
            try:
                outcome = effects.perform(step)
            except BaseException as error:  # noqa: BLE001 - the plan decides what an error means
                step = plan.throw(error)
            else:
                step = plan.send(outcome)
    except StopIteration as end:
        return end.value
    finally:
        effects.close()


def drive_to_end(engine: TaskRunEngine) -> State:
    """Run a task run in this thread and return its last state, also that of a crash which was told.

    An async function gets an event loop of its own.
    """
    try:
        return run_coroutine(adrive(engine.plan())) if engine.task.isasync else drive(engine.plan())
    except BaseException:
        state = engine.task_run.state
        if state is not None and state.is_final():
            return state
        raise


async def adrive(plan: Plan[T]) -> T:
    """Run `plan` to its end in the running event loop and return what it returns."""
    effects = AsyncEffects()
    try:
        step = next(plan)
        while True:
            try:
                outcome = await effects.perform(step)
            except BaseException as error:  # noqa: BLE001 - the plan decides what an error means
                step = plan.throw(error)
            else:
                step = plan.send(outcome)
    except StopIteration as end:
        return end.value
    finally:
        await effects.close()


def drive_items(plan: Plan[T]) -> Generator[Any, None, T]:
    """Run the plan of a generator: as `drive`, and yield each delivered item to the consumer."""
    effects = SyncEffects()
    try:
        step = next(plan)
        while True:
            try:
                if isinstance(step, Deliver):
                    try:
                        outcome = yield step.item
                    except GeneratorExit:
                        raise ConsumerGone from None
                else:
                    outcome = effects.perform(step)
            except BaseException as error:  # noqa: BLE001 - the plan decides what an error means
                step = plan.throw(error)
            else:
                step = plan.send(outcome)
    except StopIteration as end:
        return end.value
    finally:
        effects.close()


async def adrive_items(plan: Plan[Any]) -> AsyncGenerator[Any]:
    """Run the plan of an async generator: as `adrive`, and yield each delivered item to the consumer."""
    effects = AsyncEffects()
    try:
        step = next(plan)
        while True:
            try:
                if isinstance(step, Deliver):
                    try:
                        outcome = yield step.item
                    except GeneratorExit:
                        raise ConsumerGone from None
                else:
                    outcome = await effects.perform(step)
            except BaseException as error:  # noqa: BLE001 - the plan decides what an error means
                step = plan.throw(error)
            else:
                step = plan.send(outcome)
    except StopIteration:
        return
    finally:
        await effects.close()
