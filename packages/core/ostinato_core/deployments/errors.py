"""What can be wrong with a request for a deployment, its schedules or its runs."""

from uuid import UUID

from ostinato_core.errors import Conflict, Invalid, NotFound, Unacceptable


class DeploymentNotFound(NotFound):
    """No deployment has the id or name. Some routes end the sentence with a period, as the reference does."""

    def __init__(self, end: str = "") -> None:
        super().__init__(f"Deployment not found{end}")


class ScheduleNotFound(NotFound):
    """The deployment has no schedule of the id."""

    def __init__(self) -> None:
        super().__init__("Schedule not found.")


class ConcurrencyLimitNotFound(NotFound):
    """No concurrency limit has the id."""

    def __init__(self) -> None:
        super().__init__("Concurrency limit not found")


class DeploymentInvalid(Invalid):
    """What a deployment is to be does not fit together: its parameters, job variables, or schedules.

    `in_bulk` is how it is told where many runs are asked for at once.
    """

    def __init__(self, message: str, in_bulk: str | None = None) -> None:
        super().__init__(message)
        self.in_bulk = in_bulk


class DeploymentConflict(Conflict):
    """What a deployment is to become contradicts what it is."""


class ParametersNotHydrated(Unacceptable):
    """Parameters refer to what does not exist, or cannot be read; `in_bulk` as of `DeploymentInvalid`."""

    def __init__(self, message: str, in_bulk: str | None = None) -> None:
        super().__init__(message)
        self.in_bulk = in_bulk


class FlowRunRefused(Conflict):
    """A run of a deployment cannot be made with these parameters; `in_bulk` as of `DeploymentInvalid`."""

    def __init__(self, message: str, in_bulk: str | None = None) -> None:
        super().__init__(message)
        self.in_bulk = in_bulk


class TooManyFlowRuns(Unacceptable):
    """More runs are asked for at once than the server makes."""

    def __init__(self, most: int) -> None:
        super().__init__(f"Cannot create more than {most} flow runs at once.")


class NoWorkPool(Unacceptable):
    """A run is to be put in a work queue, but its deployment has no work pool."""

    def __init__(self, queue_name: str, deployment_id: UUID) -> None:
        super().__init__(
            f"Cannot create flow run in work queue {queue_name} because deployment {deployment_id} is not associated "
            "with a work pool. Please remove work_pool_name and try again."
        )
        self.in_bulk = (
            f"Cannot create flow run in work queue {queue_name} because deployment is not associated with a work pool."
        )


class BlockDocumentMissing(Conflict):
    """A deployment refers to a block document that does not exist."""

    def __init__(self, kind: str, block_id: UUID) -> None:
        super().__init__(
            f"Error creating deployment. Could not find {kind} block with id: {block_id}. This usually occurs when "
            "applying a deployment specification that was built against a different Prefect database / workspace."
        )
