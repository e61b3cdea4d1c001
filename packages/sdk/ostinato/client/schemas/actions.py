"""Bodies of requests that make or change something, by the names that flows import."""

from ostinato_wire.artifacts import (
    ArtifactCreate,
    ArtifactUpdate,
)
from ostinato_wire.block_documents import (
    BlockDocumentCreate,
    BlockDocumentUpdate,
)
from ostinato_wire.block_schemas import (
    BlockSchemaCreate,
)
from ostinato_wire.block_types import (
    BlockTypeCreate,
    BlockTypeUpdate,
)
from ostinato_wire.concurrency import (
    ConcurrencyLimitCreate,
    ConcurrencyLimitV2Create,
    ConcurrencyLimitV2Update,
)
from ostinato_wire.concurrency import (
    ConcurrencyLimitV2Create as GlobalConcurrencyLimitCreate,
)
from ostinato_wire.concurrency import (
    ConcurrencyLimitV2Update as GlobalConcurrencyLimitUpdate,
)
from ostinato_wire.deployments import (
    DeploymentCreate,
    DeploymentScheduleCreate,
    DeploymentScheduleUpdate,
    DeploymentUpdate,
)
from ostinato_wire.flow_runs import (
    FlowRunCreate,
    FlowRunUpdate,
)
from ostinato_wire.flows import (
    FlowCreate,
    FlowUpdate,
)
from ostinato_wire.logs import (
    LogCreate,
)
from ostinato_wire.states import (
    StateCreate,
)
from ostinato_wire.task_runs import (
    TaskRunCreate,
    TaskRunUpdate,
)
from ostinato_wire.variables import (
    VariableCreate,
    VariableUpdate,
)
from ostinato_wire.work_pools import (
    WorkPoolCreate,
    WorkPoolUpdate,
)
from ostinato_wire.work_queues import (
    WorkQueueCreate,
    WorkQueueUpdate,
)

__all__ = [
    "ArtifactCreate",
    "ArtifactUpdate",
    "BlockDocumentCreate",
    "BlockDocumentUpdate",
    "BlockSchemaCreate",
    "BlockTypeCreate",
    "BlockTypeUpdate",
    "ConcurrencyLimitCreate",
    "ConcurrencyLimitV2Create",
    "ConcurrencyLimitV2Update",
    "DeploymentCreate",
    "DeploymentScheduleCreate",
    "DeploymentScheduleUpdate",
    "DeploymentUpdate",
    "FlowCreate",
    "FlowRunCreate",
    "FlowRunUpdate",
    "FlowUpdate",
    "GlobalConcurrencyLimitCreate",
    "GlobalConcurrencyLimitUpdate",
    "LogCreate",
    "StateCreate",
    "TaskRunCreate",
    "TaskRunUpdate",
    "VariableCreate",
    "VariableUpdate",
    "WorkPoolCreate",
    "WorkPoolUpdate",
    "WorkQueueCreate",
    "WorkQueueUpdate",
]
