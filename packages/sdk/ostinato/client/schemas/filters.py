"""Filters of lists by the names that flows import; each is the wire's, under the noun and member that it is for."""

from ostinato_wire.artifacts import (
    ArtifactCollectionFilter,
    ArtifactFilter,
)
from ostinato_wire.artifacts import (
    KeyFilter as ArtifactCollectionFilterKey,
)
from ostinato_wire.artifacts import (
    KeyFilter as ArtifactFilterKey,
)
from ostinato_wire.block_documents import (
    BlockDocumentFilter,
)
from ostinato_wire.block_schemas_filter import (
    BlockSchemaFilter,
)
from ostinato_wire.block_types import (
    BlockTypeFilter,
)
from ostinato_wire.block_types import (
    LikeFilter as BlockTypeFilterName,
)
from ostinato_wire.filters import (
    AllTags as FlowFilterTags,
)
from ostinato_wire.filters import (
    AllTags as TaskRunFilterTags,
)
from ostinato_wire.filters import (
    AllTags as VariableFilterTags,
)
from ostinato_wire.filters import (
    AnyId as ArtifactCollectionFilterFlowRunId,
)
from ostinato_wire.filters import (
    AnyId as ArtifactCollectionFilterLatestId,
)
from ostinato_wire.filters import (
    AnyId as ArtifactCollectionFilterTaskRunId,
)
from ostinato_wire.filters import (
    AnyId as ArtifactFilterFlowRunId,
)
from ostinato_wire.filters import (
    AnyId as ArtifactFilterId,
)
from ostinato_wire.filters import (
    AnyId as ArtifactFilterTaskRunId,
)
from ostinato_wire.filters import (
    AnyId as BlockDocumentFilterBlockTypeId,
)
from ostinato_wire.filters import (
    AnyId as BlockDocumentFilterId,
)
from ostinato_wire.filters import (
    AnyId as BlockSchemaFilterBlockTypeId,
)
from ostinato_wire.filters import (
    AnyId as BlockSchemaFilterId,
)
from ostinato_wire.filters import (
    AnyId as LogFilterFlowRunId,
)
from ostinato_wire.filters import (
    AnyId as TaskRunFilterId,
)
from ostinato_wire.filters import (
    AnyId as VariableFilterId,
)
from ostinato_wire.filters import (
    AnyId as WorkPoolFilterId,
)
from ostinato_wire.filters import (
    AnyId as WorkQueueFilterId,
)
from ostinato_wire.filters import (
    AnyOrAllTags as DeploymentFilterTags,
)
from ostinato_wire.filters import (
    AnyOrAllTags as FlowRunFilterTags,
)
from ostinato_wire.filters import (
    AnyOrNotId as DeploymentFilterId,
)
from ostinato_wire.filters import (
    AnyOrNotId as FlowFilterId,
)
from ostinato_wire.filters import (
    AnyOrNotId as FlowRunFilterId,
)
from ostinato_wire.filters import (
    AnyOrNotText as ArtifactCollectionFilterType,
)
from ostinato_wire.filters import (
    AnyOrNotText as ArtifactFilterType,
)
from ostinato_wire.filters import (
    AnyOrNotText as FlowRunFilterIdempotencyKey,
)
from ostinato_wire.filters import (
    AnyOrNotText as FlowRunFilterStateName,
)
from ostinato_wire.filters import (
    AnyOrNotText as TaskRunFilterStateName,
)
from ostinato_wire.filters import (
    AnyText as BlockSchemaFilterVersion,
)
from ostinato_wire.filters import (
    AnyText as BlockTypeFilterSlug,
)
from ostinato_wire.filters import (
    AnyText as DeploymentFilterWorkQueueName,
)
from ostinato_wire.filters import (
    AnyText as FlowRunFilterFlowVersion,
)
from ostinato_wire.filters import (
    AnyText as WorkPoolFilterName,
)
from ostinato_wire.filters import (
    AnyText as WorkPoolFilterType,
)
from ostinato_wire.filters import (
    DeploymentFilter,
    DeploymentFilterConcurrencyLimit,
    WorkPoolFilter,
    WorkQueueFilter,
)
from ostinato_wire.filters import (
    ExistsFilter as TaskRunFilterSubFlowRuns,
)
from ostinato_wire.filters import (
    FlagFilter as BlockDocumentFilterIsAnonymous,
)
from ostinato_wire.filters import (
    NameFilter as BlockDocumentFilterName,
)
from ostinato_wire.filters import (
    NameFilter as DeploymentFilterName,
)
from ostinato_wire.filters import (
    NameFilter as FlowFilterName,
)
from ostinato_wire.filters import (
    NameFilter as FlowRunFilterName,
)
from ostinato_wire.filters import (
    NameFilter as TaskRunFilterName,
)
from ostinato_wire.filters import (
    NameFilter as VariableFilterName,
)
from ostinato_wire.filters import (
    NullableId as FlowRunFilterDeploymentId,
)
from ostinato_wire.filters import (
    NullableId as FlowRunFilterParentTaskRunId,
)
from ostinato_wire.filters import (
    NullableId as LogFilterTaskRunId,
)
from ostinato_wire.filters import (
    NullableText as FlowRunFilterWorkQueueName,
)
from ostinato_wire.filters import (
    NullableTimeFilter as FlowRunFilterEndTime,
)
from ostinato_wire.filters import (
    NullableTimeFilter as FlowRunFilterStartTime,
)
from ostinato_wire.filters import (
    NullableTimeFilter as TaskRunFilterEndTime,
)
from ostinato_wire.filters import (
    NullableTimeFilter as TaskRunFilterStartTime,
)
from ostinato_wire.filters import (
    PrefixFilter as WorkQueueFilterName,
)
from ostinato_wire.filters import (
    StateFilter as FlowRunFilterState,
)
from ostinato_wire.filters import (
    StateFilter as TaskRunFilterState,
)
from ostinato_wire.filters import (
    StateTypeFilter as FlowRunFilterStateType,
)
from ostinato_wire.filters import (
    StateTypeFilter as TaskRunFilterStateType,
)
from ostinato_wire.filters import (
    TextSearch as LogFilterTextSearch,
)
from ostinato_wire.filters import (
    TimeFilter as FlowRunFilterExpectedStartTime,
)
from ostinato_wire.filters import (
    TimeFilter as FlowRunFilterNextScheduledStartTime,
)
from ostinato_wire.filters import (
    TimeFilter as LogFilterTimestamp,
)
from ostinato_wire.filters import (
    TimeFilter as WorkerFilterLastHeartbeatTime,
)
from ostinato_wire.flow_runs import (
    FlowRunFilter,
    FlowRunFilterCreatedBy,
)
from ostinato_wire.flow_runs import (
    FlowRunFilterParent as FlowRunFilterParentFlowRunId,
)
from ostinato_wire.flows import (
    FlowFilter,
)
from ostinato_wire.logs import (
    LevelFilter as LogFilterLevel,
)
from ostinato_wire.logs import (
    LogFilter,
)
from ostinato_wire.task_runs import (
    TaskRunFilter,
    TaskRunFilterFlowRunId,
)
from ostinato_wire.variables import (
    VariableFilter,
)
from ostinato_wire.workers import (
    WorkerFilter,
    WorkerFilterStatus,
)

__all__ = [
    "ArtifactCollectionFilter",
    "ArtifactCollectionFilterFlowRunId",
    "ArtifactCollectionFilterKey",
    "ArtifactCollectionFilterLatestId",
    "ArtifactCollectionFilterTaskRunId",
    "ArtifactCollectionFilterType",
    "ArtifactFilter",
    "ArtifactFilterFlowRunId",
    "ArtifactFilterId",
    "ArtifactFilterKey",
    "ArtifactFilterTaskRunId",
    "ArtifactFilterType",
    "BlockDocumentFilter",
    "BlockDocumentFilterBlockTypeId",
    "BlockDocumentFilterId",
    "BlockDocumentFilterIsAnonymous",
    "BlockDocumentFilterName",
    "BlockSchemaFilter",
    "BlockSchemaFilterBlockTypeId",
    "BlockSchemaFilterId",
    "BlockSchemaFilterVersion",
    "BlockTypeFilter",
    "BlockTypeFilterName",
    "BlockTypeFilterSlug",
    "DeploymentFilter",
    "DeploymentFilterConcurrencyLimit",
    "DeploymentFilterId",
    "DeploymentFilterName",
    "DeploymentFilterTags",
    "DeploymentFilterWorkQueueName",
    "FlowFilter",
    "FlowFilterId",
    "FlowFilterName",
    "FlowFilterTags",
    "FlowRunFilter",
    "FlowRunFilterCreatedBy",
    "FlowRunFilterDeploymentId",
    "FlowRunFilterEndTime",
    "FlowRunFilterExpectedStartTime",
    "FlowRunFilterFlowVersion",
    "FlowRunFilterId",
    "FlowRunFilterIdempotencyKey",
    "FlowRunFilterName",
    "FlowRunFilterNextScheduledStartTime",
    "FlowRunFilterParentFlowRunId",
    "FlowRunFilterParentTaskRunId",
    "FlowRunFilterStartTime",
    "FlowRunFilterState",
    "FlowRunFilterStateName",
    "FlowRunFilterStateType",
    "FlowRunFilterTags",
    "FlowRunFilterWorkQueueName",
    "LogFilter",
    "LogFilterFlowRunId",
    "LogFilterLevel",
    "LogFilterTaskRunId",
    "LogFilterTextSearch",
    "LogFilterTimestamp",
    "TaskRunFilter",
    "TaskRunFilterEndTime",
    "TaskRunFilterFlowRunId",
    "TaskRunFilterId",
    "TaskRunFilterName",
    "TaskRunFilterStartTime",
    "TaskRunFilterState",
    "TaskRunFilterStateName",
    "TaskRunFilterStateType",
    "TaskRunFilterSubFlowRuns",
    "TaskRunFilterTags",
    "VariableFilter",
    "VariableFilterId",
    "VariableFilterName",
    "VariableFilterTags",
    "WorkPoolFilter",
    "WorkPoolFilterId",
    "WorkPoolFilterName",
    "WorkPoolFilterType",
    "WorkQueueFilter",
    "WorkQueueFilterId",
    "WorkQueueFilterName",
    "WorkerFilter",
    "WorkerFilterLastHeartbeatTime",
    "WorkerFilterStatus",
]
