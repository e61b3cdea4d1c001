"""What can be wrong with a webhook, and with a request to one."""

from ostinato_core.errors import Invalid, NotFound, Unacceptable


class WebhookNotFound(NotFound):
    """No webhook has the id."""

    def __init__(self) -> None:
        super().__init__("Webhook not found.")


class NothingListens(NotFound):
    """No webhook has the slug, or the one that has it is disabled: whoever asks cannot tell which."""

    def __init__(self) -> None:
        super().__init__("Not Found")


class WebhookInvalid(Invalid):
    """A member of a webhook is not what it must be."""

    def __init__(self, member: str, why: str) -> None:
        super().__init__(f"'{member}' {why}")


class RequestRefused(Unacceptable):
    """A request to a webhook is not one that its sender can have meant. `rendered` is what its template has made."""

    def __init__(self, why: str, rendered: str | None = None) -> None:
        super().__init__(why)
        self.rendered = rendered
