"""What can be wrong with a request about a delivery."""

from ostinato_core.errors import Conflict, NotFound


class DeliveryNotFound(NotFound):
    """No delivery has the id."""

    def __init__(self) -> None:
        super().__init__("Delivery not found")


class DeliveryNotFailed(Conflict):
    """A delivery that has not failed is not sent again: it would be done twice, or is still being tried."""

    def __init__(self, state: str) -> None:
        super().__init__(f"Only a failed delivery can be sent again, and this one is {state}.")


class AutomationGone(Conflict):
    """The automation of a delivery has been deleted, and with it what its templates tell of."""

    def __init__(self) -> None:
        super().__init__("The automation of this delivery has been deleted: it cannot be sent again.")
