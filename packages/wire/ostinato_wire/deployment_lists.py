"""Deployments as a list shows them, in folders by their tags, and changed together. An extension of the wire.

The wire's own lists hold each deployment with its parameters, their schema, its job and how its code is fetched.
"""

from uuid import UUID

from pydantic import Field

from ostinato_wire.base import UtcTime, WireModel
from ostinato_wire.deployments import DeploymentStatus, DeploymentsWhere
from ostinato_wire.filters import DeploymentFilter
from ostinato_wire.paging import BulkLimit
from ostinato_wire.schedules import Schedule

SEPARATOR = "/"
"""Between the parts of a tag: `team/etl` lies in the folder `team`."""
MOST_FOLDERS = 500


class ListedSchedule(WireModel):
    """A schedule of a deployment, and whether it makes runs."""

    id: UUID
    schedule: Schedule
    active: bool


class ListedDeployment(WireModel):
    """A deployment, with the names of what is around it."""

    id: UUID
    created: UtcTime
    updated: UtcTime
    name: str
    flow_id: UUID
    flow_name: str
    paused: bool
    status: DeploymentStatus
    last_polled: UtcTime | None
    tags: list[str]
    schedules: list[ListedSchedule]
    work_pool_name: str | None
    work_queue_name: str | None


class DeploymentFoldersQuery(DeploymentsWhere):
    """Body of `POST /ui/deployments/folders`: those right below `under`, of the deployments that match."""

    under: str | None = Field(default=None, max_length=1000)


class DeploymentFolder(WireModel):
    """A tag, or the beginning of some: `path` is all of it, `name` its last part.

    How many deployments have it, or a tag that begins so; how many of these are paused; and how many nothing serves
    though they are not.
    """

    path: str
    name: str
    deployments: int
    not_ready: int
    paused: int


class DeploymentsBulkPause(WireModel):
    """Body of `POST /deployments/bulk_set_paused`: what is to become of the deployments that match."""

    deployments: DeploymentFilter
    paused: bool
    limit: BulkLimit = 50


class DeploymentBulkPauseResult(WireModel):
    """The deployments that were paused, or resumed: without those that were so already."""

    changed: list[UUID] = Field(default_factory=list[UUID])
