"""The server behind a command: a client, its failures in one line each, and the check of `profile use`."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import httpx
from pydantic import ValidationError

from ostinato.cli import output
from ostinato.cli.names import not_found
from ostinato.client import get_client
from ostinato.client.errors import ApiUnreachable, ObjectAlreadyExists, ObjectNotFound, OstinatoHTTPStatusError
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.settings import get_current_settings, temporary_settings

CHECK_SECONDS = 3.0
"""How long `profile use` waits for an answer."""

_URL_HINT = "It usually ends with /api."
_UNKNOWN_ROUTE = "Not Found"
"""What servers of this API say of a route; of objects they say more."""


@contextmanager
def server() -> Generator[SyncOstinatoClient]:
    """Open a client of the server in force; a failure to talk to it ends the command with one line."""
    with telling(), _new_client() as client:
        yield client


@contextmanager
def telling() -> Generator[None]:
    """End the command with one line if what is done in the block cannot talk to the server."""
    try:
        yield
    except OstinatoHTTPStatusError as error:
        output.fail(_status_line(error))
    except ObjectNotFound as error:
        _tell_missing_route(error)
        output.fail(f"The server refused: {_detail(error.http_exc)}")
    except ObjectAlreadyExists as error:
        output.fail(f"The server refused: {_detail(error.http_exc)}")
    except (httpx.TransportError, httpx.InvalidURL) as error:
        output.fail(
            f"Cannot reach the server at {shown_url()}: {reason_of(error)}. "
            "Start one with `ostinato server start`, or set OSTINATO_API_URL to the URL of a running one."
        )
    except ValidationError:
        output.fail(f"What answers at {shown_url()} is not this API. Is OSTINATO_API_URL right? {_URL_HINT}")


def _new_client() -> SyncOstinatoClient:
    """Return a client; where no URL is set this starts a temporary server, or tells why it cannot."""
    try:
        return get_client(sync_client=True)
    except (ApiUnreachable, ModuleNotFoundError, ValueError) as error:
        output.fail(str(error))


@contextmanager
def expecting(noun: str, key: object) -> Generator[None]:
    """Tell in one line if the server does not know the object that a command is about."""
    try:
        yield
    except ObjectNotFound as error:
        _tell_missing_route(error)
        not_found(noun, key)


def is_id(text: str) -> bool:
    """Whether a text is an id, and not a name."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def parse_id(noun: str, text: str) -> UUID:
    """Return the id of a command's argument; a text that is none ends the command."""
    try:
        return UUID(text)
    except ValueError:
        output.fail(f"{noun} '{text}' not found: that is not an id (a UUID, as `ls` shows it).")


def ui_page(path: str) -> str | None:
    """Return the address of a page of the UI; None if no UI is known."""
    base = get_current_settings().ui.url
    return None if base is None else f"{base.rstrip('/')}/{path}"


def check(profile: str) -> None:
    """Tell whether the server of a profile that was just chosen answers; a no ends the command with code 1."""
    settings = get_current_settings()
    if settings.api.url is None:
        if settings.server.ephemeral.enabled:
            output.succeed(f"Profile {profile!r} is active. A temporary server is started whenever one is needed.")
            return
        output.fail(f"Profile {profile!r} is active, but has no API URL. Run: ostinato config set OSTINATO_API_URL=URL")
    problem = _try_server()
    if problem:
        output.fail(f"Profile {profile!r} is active, but its server at {shown_url()} {problem}.")
    output.succeed(f"Connected to the server at {shown_url()} with profile {profile!r}.")


def _try_server() -> str | None:
    """Return what is wrong with the server, or None."""
    quick = {"api.request_timeout": CHECK_SECONDS, "client.max_retries": 0}
    with (
        output.console(stderr=True).status("Checking the connection..."),
        temporary_settings(quick),
        get_client(sync_client=True) as client,
    ):
        try:
            client.request("GET", "/health")
            client.request("POST", "/flows/count", json={})
        except OstinatoHTTPStatusError as error:
            return "refuses the key" if error.status in {401, 403} else f"answers with status {error.status}"
        except (httpx.TransportError, httpx.InvalidURL) as error:
            return f"cannot be reached: {reason_of(error)}"
    return None


def _status_line(error: OstinatoHTTPStatusError) -> str:
    if error.status in {401, 403}:
        return (
            f"The server at {shown_url()} refuses access (status {error.status}). "
            "Set OSTINATO_API_KEY or OSTINATO_API_AUTH_STRING."
        )
    line = " ".join(str(error).split())
    return f"The server refused: {line}" + (f" Is OSTINATO_API_URL right? {_URL_HINT}" if error.status == 404 else "")


def _tell_missing_route(error: ObjectNotFound) -> None:
    """End the command if the server does not know the route, rather than an object behind it."""
    answered = error.http_exc
    if isinstance(answered, OstinatoHTTPStatusError) and _detail(answered) == _UNKNOWN_ROUTE:
        path = answered.response.request.url.path
        output.fail(
            f"What answers at {shown_url()} has no {path}: it is older than this command, or no Ostinato server. "
            f"Is OSTINATO_API_URL right? {_URL_HINT}"
        )


def _detail(error: Exception) -> str:
    """Return what the server says is wrong; of an answer that says nothing, the answer in one line."""
    if isinstance(error, OstinatoHTTPStatusError):
        with suppress(ValueError, LookupError, TypeError):
            return str(error.response.json()["detail"])
    return " ".join(str(error).split())


def reason_of(error: Exception) -> str:
    """Return what an error says, or at least its kind."""
    return str(error) or type(error).__name__


def shown_url() -> str:
    """Return the API URL without user, password and query."""
    parts = urlsplit(get_current_settings().api.url or "")
    host = parts.hostname or ""
    return urlunsplit((parts.scheme, f"{host}:{parts.port}" if parts.port else host, parts.path, "", ""))
