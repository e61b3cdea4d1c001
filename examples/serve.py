"""Serving flows: this process makes two deployments and runs their due runs, each in a process of its own.

Start a server (`ostinato server start`), set `OSTINATO_API_URL`, then run this file. In another terminal:

    ostinato deployment run report/nightly -p rows=5
    ostinato deployment run 'long-job/on-demand'      # and `ostinato flow-run cancel ID`

Ctrl-C ends it and pauses the schedules.
"""

import time

from ostinato import flow, get_run_logger, serve, task
from ostinato.schedules import Cron, Interval


@task
def make_line(number: int) -> str:
    """Return one line of the report."""
    return f"line {number}"


@flow(log_prints=True)
def report(rows: int = 3) -> int:
    """Print a report.

    Args:
        rows: How many lines it has.
    """
    for line in make_line.map(range(rows)).result():
        print(line)
    return rows


def clean_up(*_: object) -> None:
    """Called in the run's process when the run is cancelled."""
    print("cleaning up")


@flow(on_cancellation=[clean_up])
def long_job(seconds: float = 300) -> None:
    """Take a while, to be cancelled."""
    get_run_logger().info("Sleeping %s seconds", seconds)
    time.sleep(seconds)


if __name__ == "__main__":
    serve(
        report.to_deployment(
            "nightly",
            schedules=[
                Cron("0 2 * * *", timezone="Europe/Berlin", slug="nightly", parameters={"rows": 10}),
                Interval(3600, slug="hourly", catchup="latest", max_late_seconds=600),
            ],
            tags=["example"],
        ),
        long_job.to_deployment("on-demand", concurrency_limit=1),
        limit=4,
    )
