"""The load generator, run as a process of its own: `python -m benchmarks.load JOB`, where JOB is a `Job` as JSON.

Prints one JSON object (see `Measurement`). Every answer is checked; a wrong one counts as a failure.
"""

import subprocess
import sys
from dataclasses import asdict

import orjson
import uvloop

from benchmarks.job import Job
from benchmarks.measurement import Measurement
from benchmarks.wire import Refused
from benchmarks.workloads import LOADS


def load(job: Job) -> Measurement:
    """Run the load generator in a process of its own; if it fails, that is a failed operation like any other."""
    command = [sys.executable, "-m", "benchmarks.load", orjson.dumps(asdict(job)).decode()]
    result = subprocess.run(command, check=False, capture_output=True)
    if result.returncode != 0:
        why = (result.stderr.decode().strip() or "the load generator died").split("\n")[-1]
        return Measurement(seconds=job.seconds, failures=1, first_failure=why)
    return Measurement(**orjson.loads(result.stdout))


def main() -> None:
    """Run the job of the command line and print what was measured."""
    job = Job(**orjson.loads(sys.argv[1]))
    try:
        measurement = uvloop.run(LOADS[job.workload](job))
    except Refused as refusal:  # before the measurement began: of a request that prepares it
        measurement = Measurement(seconds=job.seconds, refused=1, first_failure=repr(refusal))
    with open(sys.stdout.fileno(), "wb", closefd=False) as output:  # buffered, whatever PYTHONUNBUFFERED says
        output.write(orjson.dumps(asdict(measurement)))


if __name__ == "__main__":
    main()
