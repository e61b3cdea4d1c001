"""What can be wrong with a request for a bulk job."""

from ostinato_core.errors import Conflict, NotFound


class BulkJobNotFound(NotFound):
    """No bulk job has the id."""

    def __init__(self) -> None:
        super().__init__("Bulk job not found.")


class BulkJobEnded(Conflict):
    """The job has ended, so there is nothing to stop."""

    def __init__(self, status: str) -> None:
        super().__init__(f"The bulk job has ended already: it is {status}.")


class TooManyBulkJobs(Conflict):
    """So many jobs wait or run that no other one is taken on."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} bulk jobs wait or run already. Wait for one to end, or stop one.")
