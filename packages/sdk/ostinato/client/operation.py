"""One definition of a client method for both clients: a plan, and the descriptor that binds it to a driver."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property, update_wrapper
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol, TypeVar, get_origin, overload, runtime_checkable

import pydantic_core
from pydantic import BaseModel, TypeAdapter

from ostinato.client.errors import ObjectAlreadyExists, ObjectNotFound, OstinatoHTTPStatusError
from ostinato.exceptions import ObjectLimitReached

if TYPE_CHECKING:
    import httpx

    from ostinato.client.steps import Plan

P = ParamSpec("P")
T = TypeVar("T")


class AsyncDriver(Protocol):
    """Carries out plans in an event loop."""

    def run_async(self, plan: Plan[T]) -> Coroutine[Any, Any, T]:  # Any: what coroutines yield and take
        """Return the value of `plan`."""
        ...


@runtime_checkable
class SyncDriver(Protocol):
    """Carries out plans in the calling thread."""

    def run_sync(self, plan: Plan[T]) -> T:
        """Return the value of `plan`."""
        ...


class Operation(Generic[P, T]):
    """A client method: bound to a sync client it returns the plan's value, bound to an async one a coroutine of it."""

    def __init__(self, find_plan: Callable[[], Callable[P, Plan[T]]]) -> None:
        self._find_plan = find_plan

    @cached_property
    def plan(self) -> Callable[P, Plan[T]]:
        """The plan; its module is imported now."""
        return self._find_plan()

    @overload
    def __get__(self, client: None, owner: object = None) -> Operation[P, T]: ...

    @overload
    def __get__(self, client: AsyncDriver, owner: object = None) -> Callable[P, Coroutine[Any, Any, T]]: ...

    @overload
    def __get__(self, client: SyncDriver, owner: object = None) -> Callable[P, T]: ...

    def __get__(
        self, client: AsyncDriver | SyncDriver | None, owner: object = None
    ) -> Operation[P, T] | Callable[P, Any]:
        """Return the method of `client`; of the class itself, the operation."""
        if client is None:
            self.__doc__ = self.plan.__doc__
            return self
        run: Callable[[Plan[T]], Any]  # Any: T or a coroutine of T, as the overloads say
        run = client.run_sync if isinstance(client, SyncDriver) else client.run_async

        def method(*args: P.args, **kwargs: P.kwargs) -> Any:  # Any: as above
            return run(self.plan(*args, **kwargs))

        return update_wrapper(method, self.plan)


@cache
def _adapter(shape: type[T]) -> TypeAdapter[T]:
    if get_origin(shape) is None and issubclass(shape, BaseModel):
        shape.model_rebuild()  # else the adapter builds one for itself, and the model another one later
    return TypeAdapter(shape)


def prepare(*shapes: type[object]) -> None:
    """Build what `decode` needs for these shapes, which else is built when the first answer comes."""
    for shape in shapes:
        _adapter(shape)


def decode(response: httpx.Response, shape: type[T]) -> T:
    """Return the JSON body of `response` as `shape`, a wire model or a list of one."""
    return _adapter(shape).validate_json(response.content)


def encode(body: object) -> bytes:
    """Return `body`, made of wire models and plain values, as JSON; times as ISO 8601, durations in seconds."""
    return pydantic_core.to_json(body, timedelta_mode="float", inf_nan_mode="null")


def present(**members: object) -> Mapping[str, object]:
    """Return the members that are not None: a body with only what the caller gave."""
    return {name: value for name, value in members.items() if value is not None}


@contextmanager
def facts() -> Generator[None]:
    """Turn 404 into ObjectNotFound, 409 into ObjectAlreadyExists, and 403 for too many into ObjectLimitReached."""
    try:
        yield
    except OstinatoHTTPStatusError as error:
        if error.status == 404:
            raise ObjectNotFound(error) from error
        if error.status == 409:
            raise ObjectAlreadyExists(error) from error
        if error.status == 403 and "maximum number" in str(error):
            raise ObjectLimitReached(error) from error
        raise
