"""What servers keep, by the names that flows import."""

from ostinato.client.plans.admin import (
    ServerDefaultResultStorage,
)
from ostinato.client.runs import (
    FlowRun,
)
from ostinato.deployments.definition import (
    ConcurrencyLimitConfig,
)
from ostinato.states import (
    State,
)
from ostinato_wire.artifacts import (
    Artifact,
    ArtifactCollection,
)
from ostinato_wire.block_documents import (
    BlockDocument,
)
from ostinato_wire.block_schemas import (
    BlockSchema,
)
from ostinato_wire.block_types import (
    BlockType,
)
from ostinato_wire.concurrency import (
    ConcurrencyLeaseHolder,
    ConcurrencyLimit,
)
from ostinato_wire.deployments import (
    CollisionStrategy as ConcurrencyLimitStrategy,
)
from ostinato_wire.deployments import (
    ConcurrencyOptions,
    Deployment,
    DeploymentSchedule,
    DeploymentStatus,
    GlobalConcurrencyLimit,
)
from ostinato_wire.flow_runs import (
    FlowRunInput,
    FlowRunPolicy,
)
from ostinato_wire.flows import (
    Flow,
)
from ostinato_wire.logs import (
    Log,
)
from ostinato_wire.states import (
    StateDetails,
    StateType,
)
from ostinato_wire.task_runs import (
    TaskRun,
    TaskRunPolicy,
)
from ostinato_wire.variables import (
    Variable,
)
from ostinato_wire.work_pools import (
    Status as WorkPoolStatus,
)
from ostinato_wire.work_pools import (
    Status as WorkQueueStatus,
)
from ostinato_wire.work_pools import (
    StorageConfiguration as WorkPoolStorageConfiguration,
)
from ostinato_wire.work_pools import (
    WorkPool,
)
from ostinato_wire.work_queues import (
    HealthPolicy as WorkQueueHealthPolicy,
)
from ostinato_wire.work_queues import (
    QueueFilter,
    WorkQueue,
    WorkQueueStatusDetail,
)
from ostinato_wire.workers import (
    Worker,
    WorkerStatus,
)

__all__ = [
    "Artifact",
    "ArtifactCollection",
    "BlockDocument",
    "BlockSchema",
    "BlockType",
    "ConcurrencyLeaseHolder",
    "ConcurrencyLimit",
    "ConcurrencyLimitConfig",
    "ConcurrencyLimitStrategy",
    "ConcurrencyOptions",
    "Deployment",
    "DeploymentSchedule",
    "DeploymentStatus",
    "Flow",
    "FlowRun",
    "FlowRunInput",
    "FlowRunPolicy",
    "GlobalConcurrencyLimit",
    "Log",
    "QueueFilter",
    "ServerDefaultResultStorage",
    "State",
    "StateDetails",
    "StateType",
    "TaskRun",
    "TaskRunPolicy",
    "Variable",
    "WorkPool",
    "WorkPoolStatus",
    "WorkPoolStorageConfiguration",
    "WorkQueue",
    "WorkQueueHealthPolicy",
    "WorkQueueStatus",
    "WorkQueueStatusDetail",
    "Worker",
    "WorkerStatus",
]
