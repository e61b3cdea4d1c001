"""The aiohttp application."""

from aiohttp import web

from ostinato_api import openapi
from ostinato_api.deps import SERVICES, Services
from ostinato_api.endpoint import Route
from ostinato_api.middleware import edge
from ostinato_api.routes import flow_run_transitions, root, task_run_transitions

NOUNS = (root.routes, root.admin, flow_run_transitions.routes, task_run_transitions.routes)


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
    openapi.add_to(app, routes, base_path)
    return app
