"""A flow that only writes down that it was run: the fault test counts the lines."""

from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run


@flow
def tick(ticks: str) -> None:
    with Path(ticks).open("a") as file:
        file.write(f"{flow_run.id}\n")
