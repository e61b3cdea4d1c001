"""What notification blocks share: requests to a service, sent one after another, and what a failure means."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field

from ostinato.blocks.abstract import NotificationBlock, NotificationError
from ostinato.blocks.addresses import check_public
from ostinato.blocks.documents import document_data
from ostinato.engine.drivers import adrive
from ostinato.engine.steps import Offload, Plan
from ostinato.utilities.paired import run
from ostinato_wire.notifications.base import TIMEOUT, HttpRequest, NotificationBlockData

if TYPE_CHECKING:
    import httpx

NotifyType = Literal["info", "success", "warning", "failure"]
EXCERPT = 300
"""Characters of a service's answer that are shown when it refuses."""

# Any below: keywords of httpx.


@dataclass(frozen=True, slots=True)
class Message:
    """One request to a service; `body` are keywords of httpx such as `json` or `data`."""

    url: str
    body: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    method: str = "POST"
    timeout: float = TIMEOUT


class HttpNotificationBlock(NotificationBlock, ABC):
    """A service that takes messages over HTTP; subclasses say by which requests."""

    @abstractmethod
    def messages(self, body: str, subject: str | None) -> Sequence[Message]:
        """Return the requests that send a message."""

    def notify(self, body: str, subject: str | None = None, *, _sync: bool = False) -> None:
        """Send a message.

        A service that refuses or does not answer is a warning in the log; within `raise_on_failure()` it raises
        NotificationError. Raises ValueError for an address in a private network where the block allows none.
        """
        return run(self._notify(body, subject), sync=_sync)

    async def anotify(self, body: str, subject: str | None = None) -> None:
        """Do as `notify`, in an event loop."""
        return await adrive(self._notify(body, subject))

    def _notify(self, body: str, subject: str | None) -> Plan[None]:
        messages = self.messages(body, subject)
        problem = yield Offload(partial(_send, messages, allow_private=getattr(self, "allow_private_urls", True)))
        if problem is None:
            return
        if self._raise_on_failure:
            raise NotificationError(problem)
        self.logger.warning("A notification was not sent. %s", problem)


class SharedNotificationBlock(HttpNotificationBlock, ABC):
    """A service of which the server knows, too, by which requests it is told: automations tell it from there."""

    _shared: ClassVar[type[NotificationBlockData]]

    def messages(self, body: str, subject: str | None) -> Sequence[Message]:
        """Return the requests that send a message."""
        data = self._shared.model_validate(document_data(self))
        return [_message(request) for request in data.requests(body, subject)]


class TypedNotificationBlock(SharedNotificationBlock, ABC):
    """A service whose messages may look different by what they tell of."""

    notify_type: NotifyType = Field(default="info", description="What kind of message this is.")


def _message(request: HttpRequest) -> Message:
    keywords = {
        "params": request.query,
        "headers": request.headers,
        "cookies": request.cookies,
        "json": request.json,
        "data": request.form,
        "content": request.text,
        "auth": request.basic_auth,
    }
    given = {name: value for name, value in keywords.items() if value is not None}
    return Message(request.url, given, request.method, request.timeout)


def _send(messages: Sequence[Message], *, allow_private: bool) -> str | None:
    """Send the messages; return what went wrong with the first that failed. No text of it has a secret."""
    import httpx

    for message in messages:
        if not allow_private:
            check_public(message.url)
        host = urlsplit(message.url).hostname
        try:
            with httpx.Client(timeout=message.timeout) as client:
                answer = client.request(message.method, message.url, **message.body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return f"{host} could not be reached: {type(error).__name__}."
        if not answer.is_success:
            return f"{host} refused it with status {answer.status_code}: {_excerpt(answer)}"
    return None


def _excerpt(answer: httpx.Response) -> str:
    return " ".join(answer.text.split())[:EXCERPT] or "no reason given"
