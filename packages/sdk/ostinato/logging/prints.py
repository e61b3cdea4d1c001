"""`log_prints`: what a run prints becomes lines of its log."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Lock
from typing import Any, TextIO

_lock = Lock()
_depth = 0
_original: Callable[..., None] = builtins.print


@contextmanager
def patch_print() -> Generator[None]:
    """Replace `print` for the block. It logs only inside runs that asked for it; other threads print as ever."""
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _depth, _original
    with _lock:
        if _depth == 0:
            _original = builtins.print
            builtins.print = print_as_log
        _depth += 1


def _leave() -> None:
    global _depth
    with _lock:
        _depth -= 1
        if _depth == 0:
            builtins.print = _original


def print_as_log(*args: object, sep: str | None = " ", file: TextIO | None = None, **options: Any) -> None:
    """Log at INFO what the innermost run prints to stdout or stderr, if it logs prints; else print."""
    from ostinato.context import FlowRunContext, TaskRunContext  # Any: `end` and `flush` of print

    context = TaskRunContext.get() or FlowRunContext.get()
    if context is None or not context.log_prints or file not in {None, sys.stdout, sys.stderr}:
        _original(*args, sep=sep, file=file, **options)
        return
    from ostinato.logging.loggers import get_run_logger

    get_run_logger().info("%s", (" " if sep is None else sep).join(map(str, args)))
