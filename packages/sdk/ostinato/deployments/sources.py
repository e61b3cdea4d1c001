"""Loading a flow from where its code is kept."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ostinato.deployments.entrypoints import load_flow
from ostinato.runner.storage import LocalStorage

if TYPE_CHECKING:
    from ostinato.flows import Flow
    from ostinato.runner.storage import CodeStorage

_URL = re.compile(r"^[\w+.-]+://|^git@")


def load_from(source: str | Path | CodeStorage, entrypoint: str) -> Flow[..., Any]:  # Any: a flow of whatever type
    """Return the flow at `entrypoint` below `source`; it keeps both for its deployments. Raises ValueError."""
    if isinstance(source, str) and _URL.match(source):
        raise ValueError(
            f"Sources are folders of this machine or storage objects; an URL such as {source!r} is not one."
        )
    storage = LocalStorage(source) if isinstance(source, (str, Path)) else source
    storage.pull_code()
    path, colon, name = entrypoint.rpartition(":")
    absolute = f"{storage.destination / path}:{name}" if colon else entrypoint
    flow = copy.copy(load_flow(absolute))
    flow.storage, flow.source_entrypoint = storage, entrypoint
    return flow
