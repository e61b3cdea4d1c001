"""What flows and deployments have run lately and run next, beside a list of them. An extension of the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato_wire.base import WireModel
from ostinato_wire.queries import NullMeansDefault
from ostinato_wire.ui import FlowRunPoint, NextFlowRun

MOST_OWNERS = 200
MOST_RUNS = 100


class ActivityQuery(NullMeansDefault):
    """Body of `POST /ui/flows/activity` and `/ui/deployments/activity`: whose runs, and how many of each."""

    ids: Annotated[list[UUID], Field(max_length=MOST_OWNERS)]
    runs: Annotated[int, Field(ge=1, le=MOST_RUNS)] = 20


class Activity(WireModel):
    """The last runs that were due, the latest first, begun or not; and the one that is scheduled the earliest."""

    runs: list[FlowRunPoint]
    next_run: NextFlowRun | None
