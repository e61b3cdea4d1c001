"""The store and the storage of those who name none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ostinato.context import FlowRunContext, TaskRunContext
from ostinato.results.store import ResultStore
from ostinato.settings import get_current_settings

if TYPE_CHECKING:
    from ostinato.results.storage import StorageReference


def default_storage() -> StorageReference:
    """Return where results are kept that nobody chose a storage for: the settings' block, else the local folder."""
    results = get_current_settings().results
    return results.default_storage_block or Path(results.local_storage_path)


def get_result_store() -> ResultStore:
    """Return the result store of the run that is running here; outside of runs one by the settings."""
    task = TaskRunContext.get()
    if task is not None and task.result_store is not None:
        return task.result_store
    flow = FlowRunContext.get()
    return flow.result_store if flow is not None and flow.result_store is not None else ResultStore()
