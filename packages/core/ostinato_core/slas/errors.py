"""What can be wrong with a request for service level agreements."""

from ostinato_core.errors import Invalid, NotFound


class SlaNotFound(NotFound):
    """No agreement has the id."""

    def __init__(self) -> None:
        super().__init__("SLA not found")


class SlaOwnerInvalid(Invalid):
    """A resource that is neither a deployment nor a tag cannot have agreements."""

    def __init__(self, resource_id: str | None) -> None:
        super().__init__(
            f"{resource_id!r} cannot have SLAs: they are given to `prefect.deployment.<id>` or `prefect.tag.<tag>`."
        )


class SlaNamesRepeat(Invalid):
    """Two agreements of one owner have one name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Two SLAs are named {name!r}: a name is used once by each deployment or tag.")
