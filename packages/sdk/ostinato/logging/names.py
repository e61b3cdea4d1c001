"""Names of loggers here, and what records of runs are called on the server."""

ROOT = "ostinato"
FLOW_RUNS = "ostinato.flow_runs"
TASK_RUNS = "ostinato.task_runs"
INTERNAL = "ostinato._internal"

WIRE_NAMES = {FLOW_RUNS: "prefect.flow_runs", TASK_RUNS: "prefect.task_runs"}
"""Tools filter logs by these names, so names on the wire do not change with the SDK's own."""
