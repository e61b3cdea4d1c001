"""The aiohttp application."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from ostinato_api import openapi, sockets
from ostinato_api.deps import SERVICES, Services
from ostinato_api.endpoint import Route
from ostinato_api.middleware import edge
from ostinato_api.routes import (
    automations,
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
    logs,
    pool_queues,
    root,
    task_run_states,
    task_run_transitions,
    task_runs,
    task_workers,
    work_pools,
    work_queues,
    workers,
)

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
    logs.routes,
    logs.flow_run_routes,
    events.routes,
    concurrency_limits.routes,
    concurrency_limits_v2.routes,
    task_workers.routes,
    automations.routes,
    work_pools.routes,
    pool_queues.routes,
    workers.routes,
    work_queues.routes,
    concurrency_limits.routes,
    concurrency_limits_v2.routes,
)


def all_routes() -> list[Route]:
    """Return every operation of the API."""
    return [route for noun in NOUNS for route in noun.routes]


def create_app(services: Services) -> web.Application:
    """Return the application. Who makes the services starts and stops them."""
    app = web.Application(middlewares=[edge], client_max_size=services.settings.api_max_body_size)
    app[SERVICES] = services
    base_path = services.settings.api_base_path.rstrip("/")
    routes = all_routes()
    for route in routes:
        app.router.add_route(route.method, base_path + route.pattern(), route.endpoint.__call__)
    sockets.add_to(app, base_path)
    openapi.add_to(app, routes, base_path)
    if services.settings.ui_enabled:
        app.router.add_get("/", _to_docs(base_path))
    return app


def _to_docs(base_path: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The front page leads to the browsable API for as long as that is the only page there is."""

    async def redirect(request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"{base_path}/docs".lstrip("/")})

    return redirect
