"""Any other service that takes HTTP requests."""

import re
from typing import ClassVar, Final, Literal, cast

from pydantic import Field

from ostinato_wire.base import Json, JsonObject
from ostinato_wire.notifications.base import TIMEOUT, HttpRequest, NotificationBlockData

_PLACEHOLDER: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class CustomWebhook(NotificationBlockData):
    """A request in all texts of which `{{subject}}`, `{{body}}`, `{{name}}` and the names of secrets are filled in."""

    slug: ClassVar = "custom-webhook"
    name: str
    url: str
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    params: dict[str, str] | None = None
    json_data: JsonObject | None = None
    form_data: dict[str, str] | str | None = None
    headers: dict[str, str] | None = None
    cookies: dict[str, str] | None = None
    timeout: float = Field(default=TIMEOUT, gt=0)
    secrets: JsonObject = Field(default_factory=dict)

    def requests(self, body: str, subject: str | None) -> list[HttpRequest]:
        """Return the request, filled in."""
        values = {**self.secrets, "subject": subject or "", "body": body, "name": self.name}
        form = {"text" if isinstance(self.form_data, str) else "form": self.form_data}
        parts = {
            "url": self.url,
            "query": self.params,
            "headers": self.headers,
            "cookies": self.cookies,
            "json": self.json_data,
            **form,
        }
        return [HttpRequest(method=self.method, timeout=self.timeout, **cast(JsonObject, _filled(parts, values)))]

    def unknown_names(self) -> list[str]:
        """Return the names that the request refers to and that nothing stands for."""
        shown = [self.url, self.params, self.json_data, self.form_data, self.headers, self.cookies]
        return sorted(_names_in(shown) - {"subject", "body", "name", *self.secrets})


def _filled(value: Json, values: JsonObject) -> Json:
    """Return a value with the placeholders in all its texts filled in."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), value)
    if isinstance(value, dict):
        members = cast(JsonObject, value)
        return {_filled(key, values): _filled(item, values) for key, item in members.items()}
    if isinstance(value, list):
        return [_filled(item, values) for item in cast(list[Json], value)]
    return value


def _names_in(value: Json) -> set[str]:
    if isinstance(value, str):
        return set(_PLACEHOLDER.findall(value))
    if isinstance(value, dict):
        return set[str]().union(*(_names_in(part) for item in cast(JsonObject, value).items() for part in item))
    if isinstance(value, list):
        return set[str]().union(*(_names_in(item) for item in cast(list[Json], value)))
    return set()
