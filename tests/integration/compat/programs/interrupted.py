"""A flow that waits for its end when it is run first, and is done at once when it is run again."""

import os
import time
from pathlib import Path

from prefect import flow


@flow
def interrupted(mark: str) -> str:
    """Write the id of this process into `mark`, unless an earlier run has done so."""
    path = Path(mark)
    if path.exists():
        return "done"
    beginning = path.with_suffix(".new")
    beginning.write_text(str(os.getpid()))
    beginning.rename(path)
    time.sleep(600)
    return "not interrupted"
