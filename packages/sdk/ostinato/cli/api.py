"""`ostinato api METHOD PATH`: any request to the API, with the address and the key of the profile in force."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import click
import httpx
import orjson
import typer

from ostinato.cli import output
from ostinato.cli.connection import reason_of, shown_url
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.client import get_client
from ostinato.client.errors import ApiUnreachable
from ostinato.client.steps import Plan, Request

app = new_app("Send any request to the API.")

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

REFUSED, BAD_REQUEST, SERVER_ERROR, UNREACHABLE = 3, 4, 5, 7
"""Exit codes: for 401 and 403, for other 4xx, for 5xx, and where no answer came. Anything else is 1."""


@app.command("api")
def send(
    method: Annotated[str, argument(metavar="METHOD", help=", ".join(METHODS) + ".")],
    path: Annotated[str, argument(help="Path below the API's address: /flows/filter.")],
    data: Annotated[str | None, option("--data", help="Body: JSON, or @FILE; default: stdin if piped.")] = None,
    header: Annotated[list[str] | None, option("-H", "--header", help="As 'Name: value'; repeatable.")] = None,
    verbose: Annotated[bool, option("-v", "--verbose", help="Show the headers, too (on stderr).")] = False,
) -> None:
    """Send a request and print the answer.

    Ends with 0; 3 for 401 and 403; 4 for other 4xx; 5 for 5xx; 7 if no answer came; 1 for anything else.
    """
    request = _request(method.upper(), path, data, header or [])
    try:
        with get_client(sync_client=True) as client:
            answer = client.run_sync(_plan(request))
    except (httpx.TransportError, ApiUnreachable) as error:
        _complain(f"Cannot reach the server at {shown_url()}: {reason_of(error)}.")
        raise typer.Exit(UNREACHABLE) from None
    except (httpx.InvalidURL, ModuleNotFoundError, ValueError) as error:
        _complain(str(error))
        raise typer.Exit(1) from None
    if verbose:
        _show_headers(answer)
    _show_body(answer)
    if not answer.is_success:
        _complain(f"{answer.status_code} {answer.reason_phrase} for {method.upper()} {path}")
        raise typer.Exit(_code_of(answer.status_code))


def _plan(request: Request) -> Plan[httpx.Response]:
    return (yield request)


def _request(method: str, path: str, data: str | None, header: list[str]) -> Request:
    if method not in METHODS:
        output.fail(f"Unknown method {method!r}. Choose from: {', '.join(METHODS)}.")
    if urlsplit(path).netloc:
        # The key must not be sent to another host.
        output.fail(f"Give a path below {shown_url()}, not a whole address.")
    return Request(method, f"/{path.lstrip('/')}", _content(method, data), headers=_headers(header), check=False)


def _content(method: str, data: str | None) -> bytes | None:
    if data is None and method in WITH_BODY:
        data = (sys.stdin.read() if not sys.stdin.isatty() else "") or "{}"
    if data is None:
        return None
    if data.startswith("@"):
        try:
            data = Path(data[1:]).read_text()
        except OSError as error:
            output.fail(f"Cannot read {data[1:]}: {error.strerror}.")
    try:
        return orjson.dumps(orjson.loads(data))
    except orjson.JSONDecodeError as error:
        output.fail(f"The body is no JSON: {error}.")


def _headers(texts: list[str]) -> Mapping[str, str]:
    headers: dict[str, str] = {}
    for text in texts:
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            output.fail(f"--header takes 'Name: value', got {text!r}.")
        headers[name.strip()] = value.strip()
    return headers


def _show_headers(answer: httpx.Response) -> None:
    request = answer.request
    lines = [f"> {request.method} {request.url.copy_with(userinfo=b'')}"]
    secret = {"authorization", "prefect-csrf-token"}
    lines += [f"> {name}: {'********' if name in secret else value}" for name, value in request.headers.items()]
    lines += ["", f"< {answer.status_code} {answer.reason_phrase}"]
    lines += [f"< {name}: {value}" for name, value in answer.headers.items()]
    output.note("\n".join(lines) + "\n")


def _show_body(answer: httpx.Response) -> None:
    """Print JSON for people on a terminal, in one line for machines; text as it is."""
    if not answer.content:
        return
    try:
        value = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        click.echo(answer.text)
        return
    if sys.stdout.isatty():
        output.console().print_json(orjson.dumps(value).decode())
    else:
        click.echo(orjson.dumps(value).decode())


def _code_of(status: int) -> int:
    if status in (401, 403):
        return REFUSED
    return BAD_REQUEST if 400 <= status < 500 else SERVER_ERROR if status >= 500 else 1


def _complain(text: str) -> None:
    output.console(stderr=True).print(text, style="red", markup=False, soft_wrap=True)
