"""Functions with one name for sync and async code: which of the two the caller is."""

from __future__ import annotations

import asyncio
import sys


def in_async_code() -> bool:
    """Whether the caller can await: inside a run, if its function is async; else if an event loop runs here."""
    context = sys.modules.get("ostinato.context")
    if context is not None:
        task, flow = context.TaskRunContext.get(), context.FlowRunContext.get()
        if task is not None:
            return bool(task.task.isasync)
        if flow is not None:
            return bool(flow.flow.isasync)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
