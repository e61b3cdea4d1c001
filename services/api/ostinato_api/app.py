"""The aiohttp application."""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from ostinato_api import openapi, pages, sockets
from ostinato_api.deps import SERVICES, Services
from ostinato_api.endpoint import Reply, Route
from ostinato_api.middleware import edge
from ostinato_api.routes import (
    artifacts,
    automations,
    block_documents,
    block_schemas,
    block_types,
    bulk_jobs,
    collections,
    concurrency_limits,
    concurrency_limits_v2,
    deployment_schedules,
    deployments,
    events,
    flow_run_inputs,
    flow_run_states,
    flow_run_transitions,
    flow_runs,
    flows,
    incidents,
    logs,
    pool_queues,
    root,
    saved_searches,
    schedules,
    slas,
    task_run_states,
    task_run_transitions,
    task_runs,
    task_workers,
    ui,
    variables,
    webhooks,
    work_pools,
    work_queues,
    workers,
)
from ostinato_wire.ui import UiSettings

if TYPE_CHECKING:
    from ostinato_api.metrics import Collect, Metrics

NOUNS = (
    root.routes,
    root.admin,
    flows.routes,
    flow_run_transitions.routes,
    flow_runs.routes,
    flow_run_inputs.routes,
    flow_run_states.routes,
    task_run_transitions.routes,
    task_runs.routes,
    task_run_states.routes,
    deployments.routes,
    deployment_schedules.routes,
    schedules.routes,
    logs.routes,
    logs.flow_run_routes,
    events.routes,
    concurrency_limits.routes,
    concurrency_limits_v2.routes,
    task_workers.routes,
    automations.routes,
    slas.routes,
    work_pools.routes,
    pool_queues.routes,
    workers.routes,
    work_queues.routes,
    incidents.routes,
    variables.routes,
    webhooks.routes,
    webhooks.hooks,
    artifacts.routes,
    saved_searches.routes,
    block_types.routes,
    bulk_jobs.routes,
    block_schemas.routes,
    block_schemas.capabilities,
    block_documents.routes,
    collections.routes,
    ui.flow_routes,
    ui.deployment_routes,
    ui.flow_run_routes,
    ui.task_run_routes,
    ui.log_routes,
    ui.routes,
)


def all_routes() -> list[Route]:
    """Return every operation of the API."""
    return [route for noun in NOUNS for route in noun.routes]


def create_app(services: Services, other_metrics: "Iterable[Collect]" = (), ui: Path | None = None) -> web.Application:
    """Return the application. Who makes the services starts and stops them.

    `other_metrics`: of what else runs in the process, for its `/metrics`. `ui`: the folder of the built web UI; None
    where something else serves it.
    """
    metrics = _metrics(services, other_metrics)
    middlewares = [edge] if metrics is None else [metrics.measure, edge]
    app = web.Application(middlewares=middlewares, client_max_size=services.settings.api_max_body_size)
    app[SERVICES] = services
    base_path = services.settings.api_base_path.rstrip("/")
    routes = all_routes()
    for route in routes:
        app.router.add_route(route.method, base_path + route.pattern(), route.endpoint.__call__)
    sockets.add_to(app, base_path)
    openapi.add_to(app, routes, base_path)
    app.router.add_get("/ui-settings", _serve_ui_settings)
    if metrics is not None:
        app.router.add_get(f"{base_path}/metrics", metrics.serve)
    app[pages.PAGE_HANDLERS] = set()
    if services.settings.ui_enabled and ui is not None:
        pages.add_to(app, ui, services.settings)
    elif services.settings.ui_enabled:
        app.router.add_get("/", _to_docs(base_path))
    return app


def _metrics(services: Services, others: "Iterable[Collect]") -> "Metrics | None":
    if not services.settings.metrics_enabled:
        return None
    # Only here: the library takes memory that most processes can do without.
    from ostinato_api.metrics import Metrics

    return Metrics(others)


async def _serve_ui_settings(request: web.Request) -> web.StreamResponse:
    """What the web UI must know before anybody has logged in; outside of the API's path, as in the reference."""
    settings = request.app[SERVICES].settings
    known = UiSettings(
        api_url=settings.ui_api_url or settings.api_base_path,
        csrf_enabled=settings.api_csrf_protection_enabled,
        auth="BASIC" if settings.api_auth_string else None,
        flags=[],
        default_ui="v2",
        available_uis=["v2"] if settings.ui_enabled else [],
        v1_base_url=None,
        v2_base_url="/" if settings.ui_enabled else None,
    )
    return Reply(known.model_dump()).to_response()


def _to_docs(base_path: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The front page leads to the browsable API where that is the only page of this process."""

    async def redirect(request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"{base_path}/docs".lstrip("/")})

    return redirect
