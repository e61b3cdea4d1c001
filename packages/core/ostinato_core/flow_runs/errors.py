"""What can be wrong with a request for a flow run or its inputs."""

from uuid import UUID

from ostinato_core.errors import Conflict, Invalid, MissingBelow, NotFound, Unacceptable


class FlowRunNotFound(NotFound):
    """No flow run has the id."""

    def __init__(self) -> None:
        super().__init__("Flow run not found")


class FlowRunIdNotFound(MissingBelow):
    """No flow run has the id, told as the reference does where it finds out late."""

    def __init__(self, flow_run_id: UUID) -> None:
        super().__init__(f"Flow run with id {flow_run_id} not found")


class FlowRunGraphNotFound(MissingBelow):
    """No flow run has the id whose graph was asked for."""

    def __init__(self, flow_run_id: UUID) -> None:
        super().__init__(f"Flow run {flow_run_id} not found")


class FlowRunGraphTooLarge(Unacceptable):
    """A graph has more nodes than the server shows."""

    def __init__(self, flow_run_id: UUID, most: int) -> None:
        super().__init__(f"The graph of flow run {flow_run_id} has more than {most} nodes.")


class JobVariablesFixed(Unacceptable):
    """The job variables of a flow run cannot be changed any more, or not at all."""


class ParametersTooLarge(Invalid):
    """The parameters of a flow run take more bytes than the server accepts."""

    def __init__(self, most: int, size: int) -> None:
        super().__init__(f"Flow run parameters must be less than {most:,} bytes when serialized (got {size:,} bytes).")


class FlowRunInputNotFound(NotFound):
    """The flow run has no input of the key."""

    def __init__(self) -> None:
        super().__init__("Flow run input not found")


class FlowRunInputExists(Conflict):
    """The flow run has an input of the key already."""

    def __init__(self) -> None:
        super().__init__("A flow run input with this key already exists.")
