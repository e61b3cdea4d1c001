"""Background tasks of an ordinary user: `serve` runs the worker, `delay` sends it work and prints how that ended."""

import sys

from prefect import task
from prefect.context import TaskRunContext
from prefect.task_worker import serve


@task
def add(first: int, second: int) -> int:
    """Add two numbers."""
    return first + second


@task(retries=1, retry_delay_seconds=0.1)
def flaky(number: int) -> int:
    """Fail once."""
    context = TaskRunContext.get()
    assert context is not None
    if context.task_run.run_count < 2:
        raise ValueError("not yet")
    return number


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(add, flaky)
    else:
        futures = [add.delay(number, 1) for number in range(5)] + [flaky.delay(4)]
        for future in futures:
            future.wait(timeout=60)
            print("RUN", future.task_run_id, future.state.type.value)
