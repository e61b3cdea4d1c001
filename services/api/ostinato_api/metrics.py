"""`GET /metrics`, in the text format of Prometheus: the process, its requests, and what waits in it."""

import time
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from ostinato_api.deps import SERVICES
from ostinato_api.sockets.handshake import SOCKET_HANDLERS, SOCKETS

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Collect = Callable[[], Iterable[Metric]]
"""Returns the metrics of something else that runs in the process, as they are now."""

CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The numbers of one application, and `others` of the process that it runs in."""

    def __init__(self, others: Iterable[Collect] = ()) -> None:
        self.registry = CollectorRegistry()
        for collect in others:
            self.registry.register(_Other(collect))
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._requests = Counter(
            "ostinato_http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "ostinato_http_request_seconds",
            "Time to answer.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._sockets = Gauge("ostinato_open_websockets", "Websockets that are open.", registry=self.registry)
        self._events = Gauge("ostinato_waiting_events", "Events that wait to be stored.", registry=self.registry)
        self._connections = Gauge(
            "ostinato_database_connections",
            "Connections to Postgres that are used, and that may be.",
            ("which",),
            registry=self.registry,
        )
        self._followers = Gauge("ostinato_log_followers", "Readers of live log lines.", registry=self.registry)

    @web.middleware
    async def measure(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count a request and its time; websockets are counted while they are open only."""
        began = time.perf_counter()
        response = await handler(request)
        if request.match_info.handler not in request.app[SOCKET_HANDLERS]:
            resource = request.match_info.route.resource
            # The pattern, not the path: the number of series must not grow with the number of objects.
            route = resource.canonical if resource is not None else "unknown"
            self._requests.labels(request.method, route, str(response.status)).inc()
            self._seconds.labels(request.method, route).observe(time.perf_counter() - began)
        return response

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer with all numbers."""
        services = request.app[SERVICES]
        self._sockets.set(len(request.app[SOCKETS]))
        self._events.set(services.ingestor.waiting)
        self._followers.set(services.live_logs.followers)
        if (connections := services.database.connections()) is not None:
            for which, number in zip(("used", "most"), connections, strict=True):
                self._connections.labels(which).set(number)
        return web.Response(body=generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE})


class _Other(Collector):
    def __init__(self, collect: Collect) -> None:
        self._collect = collect

    def collect(self) -> Iterable[Metric]:
        return self._collect()
