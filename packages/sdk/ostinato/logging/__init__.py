"""Loggers of runs and of the SDK: on the console, and shipped to the server in batches."""

from ostinato.logging.loggers import (
    RunLogger,
    disable_run_logger,
    flow_run_logger,
    get_logger,
    get_run_logger,
    task_run_logger,
)
from ostinato.logging.prints import patch_print

__all__ = [
    "RunLogger",
    "disable_run_logger",
    "flow_run_logger",
    "get_logger",
    "get_run_logger",
    "patch_print",
    "task_run_logger",
]
