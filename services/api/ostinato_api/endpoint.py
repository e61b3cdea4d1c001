"""How an endpoint looks: it parses, runs one operation in one transaction, and answers.

@routes.post("/flows/")
@endpoint(body=FlowCreate, returns=Flow)
async def create_flow(call: Call[FlowCreate]) -> Reply:
    return created_or_found(await call.write(operations.create, call.body))
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast
from uuid import UUID

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from ostinato_api.caller import Caller, read_caller
from ostinato_api.deps import SERVICES, Services
from ostinato_api.problems import InvalidRequest, from_validation, missing
from ostinato_api.unknown_fields import HEADER, header_value, log_once, read_ignoring_unknown
from ostinato_core.answer_json import dumps
from ostinato_core.events.parsing import without_nul
from ostinato_core.transaction import Transaction
from ostinato_wire.base import Changes, WireModel

B = TypeVar("B")
T = TypeVar("T")
P = ParamSpec("P")

_UUID = "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"
UUID_NAMES = {"id", "schedule_id"}
"""Parts of a path that are UUIDs: anything else there is no route at all (behaviour.md, section 1)."""

ANY_METHOD = "*"
"""The method of a route that takes all of them."""

Content = Any  # Any: whatever orjson can write
Handler = Callable[["Call[Any]"], Awaitable["Reply"]]  # Any: each endpoint has its own type of body


@dataclass(slots=True)
class Reply:
    """An answer: content that becomes JSON, or a response made elsewhere."""

    content: Content = None
    status: int = 200
    response: web.StreamResponse | None = None

    def to_response(self) -> web.StreamResponse:
        """Return what aiohttp sends."""
        if self.response is not None:
            return self.response
        if self.status == 204:
            return web.Response(status=204)
        return web.Response(body=dumps(self.content), status=self.status, content_type="application/json")


NO_CONTENT = Reply(status=204)


def created_or_found(result: tuple[Content, bool]) -> Reply:
    """Return 201 with what was made, or 200 with what was there already."""
    content, is_new = result
    return Reply(content, 201 if is_new else 200)


@dataclass(slots=True)
class Call(Generic[B]):
    """One request, parsed."""

    request: web.Request
    services: Services
    body: B
    query: Any  # Any: an instance of the endpoint's query model, which the handler names

    @property
    def id(self) -> UUID:
        """The `{id}` of the path."""
        return UUID(self.request.match_info["id"])

    @property
    def caller(self) -> Caller:
        """What the headers say of the client."""
        return read_caller(self.request)

    def path(self, name: str) -> str:
        """Return a part of the path, decoded."""
        return self.request.match_info[name]

    async def write(
        self, operation: Callable[Concatenate[Transaction, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run an operation in a transaction and commit it."""
        return await self.services.database.write(lambda tx: operation(tx, *args, **kwargs))

    async def read(
        self, operation: Callable[Concatenate[Transaction, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run an operation that only reads, for a list or a sum."""
        return await self.services.database.read(lambda tx: operation(tx, *args, **kwargs))

    async def lookup(
        self, operation: Callable[Concatenate[Transaction, P], Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run an operation that reads a few rows by key."""
        return await self.services.database.lookup(lambda tx: operation(tx, *args, **kwargs))


@dataclass(slots=True)
class Endpoint:
    """An endpoint as declared: the OpenAPI document is made of these."""

    handler: Handler
    body: Any  # Any: a type form such as list[LogCreate]; None for no body
    query: type[WireModel] | None
    returns: Any  # Any: a type form; None for an empty answer
    statuses: tuple[int, ...]
    summary: str
    optional_body: bool
    absent_body: bytes
    holds_secrets: bool
    _adapter: TypeAdapter[Any] | None

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        body, unknown = await self._read_body(request) if self._adapter is not None else (None, [])
        query, also_unknown = self._read_query(request) if self.query is not None else (None, [])
        reply = await self.handler(Call(request, request.app[SERVICES], body, query))
        response = reply.to_response()
        if unknown or also_unknown:
            names = [*unknown, *also_unknown]
            log_once(f"{request.method} {self.handler.__name__}", names)
            if not response.prepared:
                response.headers[HEADER] = header_value(names)
        return response

    async def _read_body(self, request: web.Request) -> tuple[Any, list[str]]:  # Any: an instance of `body`
        adapter = cast(TypeAdapter[Any], self._adapter)  # the caller has looked
        raw = await request.read()
        if raw.strip() in (b"", b"null"):
            if not self.optional_body:
                raise missing("body")
            raw = self.absent_body
        try:
            content = without_nul(raw)
            return read_ignoring_unknown(lambda extra: adapter.validate_json(content, extra=extra))
        except ValidationError as error:
            if self.holds_secrets:
                raise from_validation(error, "body", shown=False) from None
            raise from_validation(error, "body", raw) from error

    def _read_query(self, request: web.Request) -> tuple[WireModel, list[str]]:
        model = self.query
        assert model is not None
        given = dict(request.query)
        try:
            return read_ignoring_unknown(lambda extra: model.model_validate(given, extra=extra))
        except ValidationError as error:
            raise from_validation(error, "query") from error


def endpoint(
    *,
    body: Any = None,  # Any: a type form; None for no body
    query: type[WireModel] | None = None,
    returns: Any = None,  # Any: a type form; None for an empty answer
    statuses: tuple[int, ...] = (200,),
    absent_body: bytes | None = None,
    holds_secrets: bool = False,
) -> Callable[[Handler], Endpoint]:
    """Declare an endpoint: how its body and query are read, and what it answers.

    A body whose members all have defaults may be absent, empty or null; so may one for which `absent_body` says in
    JSON what is meant then. Unknown members are ignored, and named in a header. A body that `holds_secrets` is not
    repeated in an error. Errors: InvalidRequest (422).
    """
    adapter: TypeAdapter[Any] | None = TypeAdapter(body) if body is not None else None

    def declare(handler: Handler) -> Endpoint:
        summary = (handler.__doc__ or "").strip().partition("\n")[0]
        optional = absent_body is not None or _has_no_required_member(body)
        absent = absent_body or b"{}"
        return Endpoint(handler, body, query, returns, statuses, summary, optional, absent, holds_secrets, adapter)

    return declare


def _has_no_required_member(body: Any) -> bool:  # Any: a type form
    return (
        isinstance(body, type)
        and issubclass(body, WireModel)
        and not issubclass(body, Changes)
        and not any(field.is_required() for field in body.model_fields.values())
    )


@dataclass(slots=True)
class Route:
    """One operation: `tag` groups it in the OpenAPI document."""

    method: str
    path: str
    endpoint: Endpoint
    tag: str

    def pattern(self) -> str:
        """Return the path as aiohttp matches it."""
        path = self.path
        for name in UUID_NAMES:
            path = path.replace(f"{{{name}}}", f"{{{name}:{_UUID}}}")
        return path


class Routes:
    """The operations of one noun."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.routes: list[Route] = []

    def add(self, method: str, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register an endpoint at a path below the API's base."""

        def register(declared: Endpoint) -> Endpoint:
            # A change without a body is a mistake, even if none of its members is required.
            declared.optional_body = declared.optional_body and method != "PATCH"
            self.routes.append(Route(method, path, declared, self.tag))
            return declared

        return register

    def any(self, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register an endpoint for whatever method."""
        return self.add(ANY_METHOD, path)

    def get(self, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register a GET."""
        return self.add("GET", path)

    def post(self, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register a POST."""
        return self.add("POST", path)

    def put(self, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register a PUT."""
        return self.add("PUT", path)

    def patch(self, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register a PATCH."""
        return self.add("PATCH", path)

    def delete(self, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register a DELETE."""
        return self.add("DELETE", path)


__all__ = [
    "ANY_METHOD",
    "NO_CONTENT",
    "Call",
    "Endpoint",
    "InvalidRequest",
    "Reply",
    "Route",
    "Routes",
    "created_or_found",
    "endpoint",
    "missing",
]
