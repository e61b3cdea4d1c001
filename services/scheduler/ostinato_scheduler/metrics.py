"""What loops do, as metrics of Prometheus."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

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


class _Loops(Collector):
    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records

    def collect(self) -> Iterable[Metric]:
        return loop_metrics(self._records)


def exposition(records: Sequence[Record]) -> bytes:
    """Return the metrics of loops in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Loops(records))
    return generate_latest(registry)
