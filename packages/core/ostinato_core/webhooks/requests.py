"""A request to a webhook as its template sees it: method, headers, and the body by its type."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from ostinato_core.webhooks.errors import RequestRefused

HIDDEN: Final = frozenset({"authorization", "proxy-authorization", "cookie"})
"""Headers that are for the server and the proxies before it, not for templates and events."""
_SECRETS: Final = ("auth", "token", "secret", "password", "signature", "credential", "jwt", "apikey", "-key")
"""Parts of the names of headers by which senders prove who they are, such as X-Gitlab-Token or X-Api-Key."""
MOST_FIELDS: Final = 1000
"""Fields of a form, at most."""


class Headers(Mapping[str, str]):
    """Headers by their names in any case; iterating yields the names as they were sent."""

    def __init__(self, given: Iterable[tuple[str, str]]) -> None:
        self._given: dict[str, tuple[str, str]] = {}
        for sent, value in given:
            name, text = as_text(sent), as_text(value)
            first, before = self._given.get(name.lower(), (name, None))
            self._given[name.lower()] = (first, text if before is None else f"{before}, {text}")

    def __getitem__(self, name: str) -> str:
        return self._given[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._given.values())

    def __len__(self) -> int:
        return len(self._given)

    def shown(self) -> "Headers":
        """Return the headers without those that are not for templates."""
        return Headers((name, value) for name, value in self.items() if name.lower() not in HIDDEN)

    def recorded(self) -> "Headers":
        """Return of these the headers that an event may hold whose template does not choose: none with a secret."""
        return Headers(
            (name, value) for name, value in self.shown().items() if not any(word in name.lower() for word in _SECRETS)
        )

    @property
    def media_type(self) -> str:
        """The type of the body without its parameters, in lower case."""
        return self.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class HookRequest:
    """What was sent to a webhook."""

    method: str
    headers: Headers
    raw: bytes

    def body(self) -> Any:  # Any: any JSON value
        """Return the body: JSON or a form as the type says, else JSON if it is some, else text; None if it is empty.

        Errors: RequestRefused where the body is not what its type says.
        """
        media_type = self.headers.media_type
        if not self.raw.strip():
            return None
        if media_type == "application/x-www-form-urlencoded":
            return _form(self.raw)
        if media_type == "multipart/form-data":
            return _multipart(self.headers["content-type"], self.raw)
        try:
            return orjson.loads(self.raw)
        except orjson.JSONDecodeError as error:
            if media_type == "application/json" or media_type.endswith("+json"):
                raise RequestRefused(f"The body is not the JSON that its type says it is: {error}") from None
            return as_text(self.raw.decode("utf-8", "replace"))


def as_text(text: str) -> str:
    """Return a text without what no database stores: NUL, and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _form(raw: bytes) -> dict[str, Any]:  # Any: a text, or a list of texts
    try:
        return _fields(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise RequestRefused(f"The form has more than {MOST_FIELDS} fields.") from None


def _multipart(content_type: str, raw: bytes) -> dict[str, Any]:  # Any: as above
    # Only here: few requests are such, and the library takes memory.
    from email.parser import BytesParser
    from email.policy import HTTP

    head = f"Content-Type: {content_type}\r\n\r\n".encode("utf-8", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + raw)
    if not message.is_multipart():
        raise RequestRefused("The body is not the form that its type says it is.")
    fields: list[tuple[str, str]] = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields.append((name, content.decode("utf-8", "replace")))
    if len(fields) > MOST_FIELDS:
        raise RequestRefused(f"The form has more than {MOST_FIELDS} fields.")
    return _fields(fields)


def _fields(given: Iterable[tuple[str, str]]) -> dict[str, Any]:  # Any: as above
    found: dict[str, list[str]] = {}
    for name, value in given:
        found.setdefault(as_text(name), []).append(as_text(value))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
