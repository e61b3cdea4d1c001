"""Orders of lists, by the names that flows import."""

from ostinato_wire.artifacts import (
    ArtifactSort,
)
from ostinato_wire.automations import (
    AutomationSort,
)
from ostinato_wire.block_documents import (
    BlockDocumentSort,
)
from ostinato_wire.deployments import (
    DeploymentSort,
)
from ostinato_wire.flow_runs import (
    FlowRunSort,
)
from ostinato_wire.flows import (
    FlowSort,
)
from ostinato_wire.logs import (
    LogSort,
)
from ostinato_wire.task_runs import (
    TaskRunSort,
)
from ostinato_wire.variables import (
    VariableSort,
)

__all__ = [
    "ArtifactSort",
    "AutomationSort",
    "BlockDocumentSort",
    "DeploymentSort",
    "FlowRunSort",
    "FlowSort",
    "LogSort",
    "TaskRunSort",
    "VariableSort",
]
