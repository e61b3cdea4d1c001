"""The one middleware: request ids, authentication, CSRF, CORS, the access log, and errors mapped to answers."""

import base64
import hmac
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from ostinato_api.caller import read_caller
from ostinato_api.csrf import check_csrf
from ostinato_api.deps import SERVICES, Services
from ostinato_api.draining import is_draining
from ostinato_api.pages import PAGE_HANDLERS
from ostinato_api.problems import InvalidRequest
from ostinato_api.remote import remote_of
from ostinato_api.sockets.handshake import SOCKET_HANDLERS
from ostinato_core.answer_json import dumps
from ostinato_core.errors import Fact, Kind, LostRace, Unavailable
from ostinato_core.ids import new_id
from ostinato_core.json_log import log_fields

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

access = logging.getLogger("ostinato.server.access")
logger = logging.getLogger("ostinato.server.api")

STATUS = {
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.INVALID: 422,
    Kind.UNACCEPTABLE: 400,
    Kind.FORBIDDEN: 403,
    Kind.GONE: 410,
    Kind.LOCKED: 423,
    Kind.UNAVAILABLE: 503,
}
OPEN_PATHS = ("/health", "/ready")
"""Paths below the base path that need no credentials, so that a probe can ask."""
HOOKS = "/hooks/"
"""Below this, what follows in a path is the sender's only credential, so that no log may hold it."""
OPEN_PAGES = ("/", "/ui-settings")
"""Paths that need none because they hold nothing but how to log in."""
SERVED_IN_MAINTENANCE = (*OPEN_PATHS, "/admin/maintenance", "/admin/version", "/version", "/metrics")
"""Paths below the base path that do not wait for the end of maintenance."""
MAINTENANCE = {"Prefect-Maintenance": "true"}
"""Clients send a request again, without limit, while answers bear this (pain-points.md, wire fact 5)."""
TOLD_TO_PROBES = {"Ostinato-Maintenance": "true"}
"""By this a proxy knows what to tell clients when all processes are stopped during maintenance."""
REQUEST_ID = "X-Request-ID"
RUN_ID_OF = {"flow_runs": "flow_run_id", "task_runs": "task_run_id"}
"""What the log calls the id in the paths of a noun."""
CLIENT_LEFT = 499
"""What the access log says where nobody is left to read an answer, as proxies write it."""


@web.middleware
async def edge(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request, whatever happens."""
    request_id = _request_id(request)
    with log_fields(request_id=request_id, **_run_ids(request)):
        return await _answer_logged(request, handler, request_id)


async def _answer_logged(request: web.Request, handler: Handler, request_id: str) -> web.StreamResponse:
    began = time.perf_counter()
    response = await _answer(request, handler, request_id)
    if not response.prepared:
        response.headers[REQUEST_ID] = request_id
        if "Origin" in request.headers:
            _allow_origin(request, response)
        if is_draining():
            response.force_close()
    if access.isEnabledFor(logging.INFO):
        access.info(
            "%s %s %d",
            request.method,
            _shown_path(request),
            response.status,
            extra={
                "method": request.method,
                "path": _shown_path(request),
                "status": response.status,
                "milliseconds": round((time.perf_counter() - began) * 1000, 3),
                "remote": remote_of(request),
            },
        )
    return response


def _request_id(request: web.Request) -> str:
    given = request.headers.get(REQUEST_ID, "")
    return given if 0 < len(given) <= 128 and given.isascii() and given.isprintable() else str(new_id())


def _run_ids(request: web.Request) -> Mapping[str, str]:
    """Return the id of the run that the path names, if it names one."""
    run_id = request.match_info.get("id")
    resource = request.match_info.route.resource
    if run_id is None or resource is None:
        return {}
    base_path = request.app[SERVICES].settings.api_base_path.rstrip("/")
    noun = resource.canonical.removeprefix(base_path).split("/", 2)[1]
    return {RUN_ID_OF[noun]: run_id} if noun in RUN_ID_OF else {}


async def _answer(request: web.Request, handler: Handler, request_id: str) -> web.StreamResponse:
    services = request.app[SERVICES]
    try:
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return web.Response(status=200)
        if (wait := await _wait(request, services)) > 0:
            return _too_many(request, services, wait)
        if not _is_authorized(request, services):
            return _json({"exception_message": "Unauthorized"}, 401)
        if (notice := services.maintenance.notice) is not None and not _is_served_in_maintenance(request, services):
            return _json({"detail": notice.message}, 503, {**MAINTENANCE, "Retry-After": f"{notice.retry_after:g}"})
        if "X-PREFECT-API-VERSION" in request.headers:
            read_caller(request)
        if services.settings.api_csrf_protection_enabled and not _is_hook(request, services):
            await check_csrf(request, services)
        response = await handler(request)
        if services.maintenance.notice is not None and _is_open(request, services):
            response.headers.update(TOLD_TO_PROBES)
        return response
    except Fact as fact:
        if isinstance(fact, Unavailable):
            _log_unavailable(request, request_id, fact)
        return _told(fact)
    except InvalidRequest as invalid:
        return _json(invalid.content(), 422)
    except web.HTTPNotFound:
        return await _other_form(request) or _json({"detail": "Not Found"}, 404)
    except web.HTTPMethodNotAllowed as error:
        return _json({"detail": "Method Not Allowed"}, 405, {"Allow": ",".join(sorted(error.allowed_methods))})
    except web.HTTPRequestEntityTooLarge:
        most = services.settings.api_max_body_size
        return _json({"detail": f"The request body is larger than the {most:,} bytes that this server accepts."}, 413)
    except web.HTTPException as error:
        return error
    except LostRace:
        return _told(Unavailable())
    except Exception as error:
        if isinstance(error, ConnectionResetError) and _has_left(request):
            return web.Response(status=CLIENT_LEFT)
        logger.exception("Request %s failed: %s %s", request_id, request.method, _shown_path(request))
        response = _json({"exception_message": "Internal Server Error"}, 500)
        response.force_close()
        return response


def _log_unavailable(request: web.Request, request_id: str, fact: Unavailable) -> None:
    """Say which limit it was; of a driver's error no more than its kind, since its text may hold values."""
    cause = getattr(fact.__cause__, "orig", None) or fact.__cause__
    why = type(cause).__name__ if cause is not None else str(fact)
    logger.warning("Request %s is answered 503: %s %s: %s", request_id, request.method, _shown_path(request), why)


async def _wait(request: web.Request, services: Services) -> float:
    """Return the seconds for which the client must wait because of what it has sent before."""
    if services.rate_limits is None or _is_open(request, services) or _is_socket(request):
        return 0.0
    return await services.rate_limits.take(remote_of(request))


def _too_many(request: web.Request, services: Services, wait: float) -> web.Response:
    seconds = math.ceil(wait)
    rate = services.settings.api_rate_limit
    message = f"{remote_of(request)} sends more than {rate:,} requests a minute: try again in {seconds} s."
    return _json({"detail": message}, 429, {"Retry-After": str(seconds)})


def _has_left(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _told(fact: Fact) -> web.Response:
    headers = {"Retry-After": f"{fact.retry_after:g}"} if fact.retry_after is not None else None
    return _json({fact.key: fact.message}, STATUS[fact.kind], headers)


def _json(content: object, status: int, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=dumps(content), status=status, content_type="application/json", headers=headers)


def _is_authorized(request: web.Request, services: Services) -> bool:
    expected = services.settings.api_auth_string
    if expected is None or _is_open(request, services) or _is_hook(request, services) or _is_socket(request):
        return True
    wanted = "Basic " + base64.b64encode(expected.get_secret_value().encode()).decode()
    return hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode())


def _is_open(request: web.Request, services: Services) -> bool:
    """Whether anybody may ask. Paths are compared whole: a name of an object may end like one of these."""
    base_path = services.settings.api_base_path.rstrip("/")
    return (
        request.path in OPEN_PAGES
        or request.path in [base_path + path for path in OPEN_PATHS]
        or request.match_info.handler in request.app[PAGE_HANDLERS]
    )


def _is_hook(request: web.Request, services: Services) -> bool:
    """Whether a request goes to a webhook, which knows its senders by other means."""
    return request.path.startswith(services.settings.api_base_path.rstrip("/") + HOOKS)


def _shown_path(request: web.Request) -> str:
    """Return the path as logs may hold it."""
    if not _is_hook(request, request.app[SERVICES]):
        return request.path
    return request.path.partition(HOOKS)[0] + HOOKS + "..."


def _is_served_in_maintenance(request: web.Request, services: Services) -> bool:
    """Whether a request is for those who look after the server, or a socket: what these tell must not be lost."""
    base_path = services.settings.api_base_path.rstrip("/")
    return (
        request.path in [base_path + path for path in SERVED_IN_MAINTENANCE]
        or _is_socket(request)
        or request.match_info.handler in request.app[PAGE_HANDLERS]
    )


def _is_socket(request: web.Request) -> bool:
    """Whether a websocket is asked for: these authenticate in-band (websockets.md, section 1).

    What the request says of itself is no proof: anybody can send an `Upgrade` header to any route.
    """
    return request.match_info.handler in request.app[SOCKET_HANDLERS]


async def _other_form(request: web.Request) -> web.Response | None:
    """Redirect to the path with or without its last slash, where that one exists."""
    path = request.path[:-1] if request.path.endswith("/") else request.path + "/"
    other = request.clone(rel_url=request.rel_url.with_path(path).with_query(request.rel_url.query))
    match = await request.app.router.resolve(other)
    if match.http_exception is not None or not path:
        return None
    return web.Response(status=307, headers={"Location": str(other.rel_url)})


def _allow_origin(request: web.Request, response: web.StreamResponse) -> None:
    allowed = request.app[SERVICES].settings.api_cors_allowed_origins
    origin = request.headers["Origin"]
    if "*" not in allowed and origin not in allowed:
        return
    response.headers["Access-Control-Allow-Origin"] = "*" if "*" in allowed else origin
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "*"
        response.headers["Access-Control-Allow-Headers"] = request.headers.get("Access-Control-Request-Headers", "*")
