"""The HTTP endpoints of a runner: `GET /health`, `GET /run_count`, `POST /shutdown` (sdk.md, 26)."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from http import HTTPStatus
from typing import TYPE_CHECKING

from ostinato.settings import get_current_settings
from ostinato.utilities.probes import Answer, health, probe_server

if TYPE_CHECKING:
    from ostinato.runner.runner import Runner


def webserver(runner: Runner, wanted: bool) -> AbstractAsyncContextManager[int | None]:
    """Serve the endpoints within the block, where the settings say, if they are wanted. Raises OSError if taken."""
    if not wanted:
        return nullcontext()

    def shut_down() -> Answer:
        runner.stop()
        return HTTPStatus.OK, {"message": "OK"}

    where = get_current_settings().runner.server
    answers = {
        ("GET", "/health"): lambda: health(runner.is_healthy, "Runner"),
        ("GET", "/run_count"): lambda: (HTTPStatus.OK, runner.run_count),
        ("POST", "/shutdown"): shut_down,
    }
    return probe_server(answers, where.host, where.port)
