"""Answers of servers, by the names that flows import."""

from ostinato.client.runs import (
    FlowRun as FlowRunResponse,
)
from ostinato_wire.concurrency import (
    ConcurrencyLimitWithLeaseResponse,
    GlobalConcurrencyLimitResponse,
    MinimalConcurrencyLimitResponse,
)
from ostinato_wire.deployments import (
    Deployment as DeploymentResponse,
)
from ostinato_wire.states import (
    OrchestrationResult,
    SetStateStatus,
    StateAbortDetails,
    StateAcceptDetails,
    StateRejectDetails,
    StateWaitDetails,
)
from ostinato_wire.work_pools import (
    FlowRunSlotSummary,
    WorkPoolConcurrencyStatus,
)
from ostinato_wire.work_pools import (
    WorkerFlowRun as WorkerFlowRunResponse,
)
from ostinato_wire.work_queues import (
    WorkQueueConcurrencyStatus,
)

__all__ = [
    "ConcurrencyLimitWithLeaseResponse",
    "DeploymentResponse",
    "FlowRunResponse",
    "FlowRunSlotSummary",
    "GlobalConcurrencyLimitResponse",
    "MinimalConcurrencyLimitResponse",
    "OrchestrationResult",
    "SetStateStatus",
    "StateAbortDetails",
    "StateAcceptDetails",
    "StateRejectDetails",
    "StateWaitDetails",
    "WorkPoolConcurrencyStatus",
    "WorkQueueConcurrencyStatus",
    "WorkerFlowRunResponse",
]
