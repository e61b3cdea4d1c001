"""A program of either SDK: `python sdk_program.py ostinato|prefect submit|call COUNT NAME`, run by its own Python.

Prints one JSON object: the seconds that the flow named NAME took, the CPU seconds of the process, its memory in MB.
It is the same for both SDKs, and imports nothing of the benchmarks.
"""

import importlib
import json
import resource
import sys
import time
from typing import Any

module, way, count, flow_name = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
sdk: Any = importlib.import_module(module)  # Any: one of two modules, which the type checker cannot know


@sdk.task
def double(number: int) -> int:
    """Do nothing much."""
    return 2 * number


@sdk.flow(name=flow_name)
def work() -> int:
    """Run the tasks; return the sum of what they return."""
    if way == "submit":
        return sum(future.result() for future in [double.submit(number) for number in range(count)])
    return sum(double(number) for number in range(count))


began, used = time.perf_counter(), time.process_time()
total = work()
took, used = time.perf_counter() - began, time.process_time() - used
assert total == count * (count - 1), f"The sum is {total}"
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": took, "cpu": used, "memory": memory}))
