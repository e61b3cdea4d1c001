"""Background tasks of either client: `serve` runs the worker, `delay` sends it work and prints how that ended.

The key of a callable object's task is the same in both clients, so each finds the other's runs.
"""

import sys

from prefect import task
from prefect.task_worker import serve


class Multiply:
    """Multiplies."""

    def __call__(self, first, second=2, *rest, **more):
        return first * second


def add(first, second=1):
    return first + second


multiply = task(Multiply(), name="multiply")
plus = task(add)

if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(multiply, plus)
    else:
        futures = [multiply.delay(4), multiply.delay(5, second=3)]
        if "functions" in sys.argv:
            futures.append(plus.delay(4))
        for future in futures:
            future.wait(timeout=60)
            print("RESULT", future.state.type.value, future.state.result())
