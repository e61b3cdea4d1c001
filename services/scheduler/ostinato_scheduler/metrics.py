"""What loops do, and what waits for workers, as metrics of Prometheus."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ostinato_core.clock import utc_now
from ostinato_core.states.rows import Row
from ostinato_scheduler.loop import Record

CONTENT_TYPE = "text/plain; version=1.0.0; charset=utf-8"

_COUNTERS: Sequence[tuple[str, str, Callable[[Record], float]]] = (
    ("ostinato_loop_ticks", "Rounds of a background loop.", lambda record: record.ticks),
    ("ostinato_loop_failures", "Rounds that failed.", lambda record: record.failures),
    ("ostinato_loop_work", "Things that a loop has done.", lambda record: record.done),
)


def loop_metrics(records: Sequence[Record]) -> Iterator[Metric]:
    """Return the metrics of loops, each by the name of its loop."""
    for name, text, value in _COUNTERS:
        counter = CounterMetricFamily(name, text, labels=("loop",))
        for record in records:
            counter.add_metric((record.loop.name,), value(record))
        yield counter
    lag = GaugeMetricFamily(
        "ostinato_loop_lag_seconds", "How late the oldest work of the last round was.", labels=("loop",)
    )
    age = GaugeMetricFamily("ostinato_loop_last_tick_age_seconds", "Time since the last round ended.", labels=("loop",))
    now = time.monotonic()
    for record in records:
        lag.add_metric((record.loop.name,), record.lag)
        age.add_metric((record.loop.name,), now - record.ended)
    yield lag
    yield age


def pool_metrics(pools: Sequence[Row]) -> Iterator[Metric]:
    """Return the metrics of work pools, as `load_of_pools` found them, each by the name of its pool."""
    waiting = GaugeMetricFamily("ostinato_work_pool_waiting_runs", "Runs that are due.", labels=("pool",))
    wait = GaugeMetricFamily(
        "ostinato_work_pool_oldest_wait_seconds", "For how long one of them is due.", labels=("pool",)
    )
    online = GaugeMetricFamily("ostinato_work_pool_online_workers", "Workers that are there.", labels=("pool",))
    now = utc_now()
    for pool in pools:
        since: datetime | None = pool["since"]
        waiting.add_metric((pool["name"],), pool["waiting"])
        wait.add_metric((pool["name"],), 0.0 if since is None else (now - since).total_seconds())
        online.add_metric((pool["name"],), pool["online"])
    yield from (waiting, wait, online)


class _Known(Collector):
    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def exposition(records: Sequence[Record], pools: Sequence[Row] = ()) -> bytes:
    """Return the metrics of loops and of work pools in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Known([*loop_metrics(records), *pool_metrics(pools)]))
    return generate_latest(registry)
