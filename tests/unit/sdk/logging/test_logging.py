"""Logs of runs: on the console, and at the server."""

import builtins
import io
import logging
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from ostinato.exceptions import MissingContextError
from ostinato.logging import disable_run_logger, flow_run_logger, get_logger, get_run_logger, patch_print, shipping
from ostinato.logging.console import ConsoleFormatter, ConsoleHandler, wants_color
from ostinato.logging.handlers import TRUNCATED, ApiLogHandler, cut
from ostinato.logging.masking import mask
from ostinato.logging.setup import configure_logging
from ostinato.settings import temporary_settings
from tests.support.runs import flow_context, task_context
from tests.support.stub_api import RecordingApi, Taken, serving

LINE = r"\d\d:\d\d:\d\d\.\d{3} \| "


def created() -> web.Response:
    """Return a 201."""
    return web.Response(status=201)


@pytest.fixture
def api(tmp_path: Path) -> Generator[RecordingApi]:
    """Run a server that takes logs."""
    recording = RecordingApi({("POST", "/logs/"): created})
    with serving(recording) as server, temporary_settings({"api.url": server.api_url, "home": tmp_path}):
        yield recording
        shipping.stop_all()


def shipped(api: RecordingApi) -> list[Taken]:
    """Return the batches that arrived, after a drain."""
    assert shipping.drain_all(10) == 0
    return api.of("POST", "/logs/")


def test_lines_go_to_the_console_and_in_one_batch_to_the_server(
    api: RecordingApi, capsys: pytest.CaptureFixture[str]
) -> None:
    with flow_context("red-fox") as flow:
        get_run_logger().info("loaded %d rows", 3)
        with task_context(flow, "load-0") as task:
            get_run_logger().warning("slow")
    (batch,) = shipped(api)
    first, second = batch.body
    assert (first["name"], first["level"], first["message"]) == ("prefect.flow_runs", 20, "loaded 3 rows")
    assert (first["flow_run_id"], first["task_run_id"]) == (str(flow.flow_run.id), None)
    assert first["timestamp"].endswith("+00:00")
    assert (second["name"], second["level"]) == ("prefect.task_runs", 30)
    assert (second["flow_run_id"], second["task_run_id"]) == (str(flow.flow_run.id), str(task.task_run.id))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0][15:] == "INFO    | Flow run 'red-fox' - loaded 3 rows"
    assert lines[1][15:] == "WARNING | Task run 'load-0' - slow"


@pytest.mark.usefixtures("api")
def test_a_traceback_is_part_of_the_message(api: RecordingApi) -> None:
    with flow_context():
        try:
            raise KeyError("missing")
        except KeyError:
            get_run_logger().exception("it broke")
    message = shipped(api)[0].body[0]["message"]
    assert message.startswith("it broke\nTraceback")
    assert "KeyError: 'missing'" in message


def test_a_line_can_stay_local(api: RecordingApi) -> None:
    with flow_context():
        get_run_logger().info("local", extra={"send_to_api": False})
        get_run_logger().info("shipped")
    assert [line["message"] for batch in shipped(api) for line in batch.body] == ["shipped"]


def test_batches_are_kept_small_and_in_order(api: RecordingApi) -> None:
    with flow_context():
        logger = get_run_logger()
        for number in range(2500):
            logger.info("%d", number)
    batches = shipped(api)
    assert [line["message"] for batch in batches for line in batch.body] == [str(number) for number in range(2500)]
    assert max(len(batch.body) for batch in batches) <= shipping.BATCH_LINES


def test_a_batch_that_the_server_refuses_is_one_line_on_stderr(
    api: RecordingApi, capsys: pytest.CaptureFixture[str]
) -> None:
    api.answers[("POST", "/logs/")] = lambda: web.json_response({"detail": "no\nroom"}, status=500)
    with flow_context():
        get_run_logger().info("lost", extra={})
    shipping.drain_all(10)
    told = [line for line in capsys.readouterr().err.splitlines() if "not sent" in line]
    assert len(told) == 1
    assert told[0].startswith("1 log lines were not sent")
    assert "500" in told[0]


def test_logging_to_the_api_can_be_switched_off(api: RecordingApi) -> None:
    with temporary_settings({"logging.to_api.enabled": False}), flow_context():
        get_run_logger().info("x")
    assert shipped(api) == []


@pytest.mark.parametrize("handler", [ApiLogHandler(), ConsoleHandler()])
def test_wrong_arguments_of_a_line_do_not_end_the_run(
    handler: logging.Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    with flow_context():
        handler.handle(logging.LogRecord("ostinato", logging.INFO, __file__, 1, "%d rows", ("many",), None))
    assert "--- Logging error ---" in capsys.readouterr().err


def test_outside_of_runs_there_is_no_run_logger() -> None:
    with pytest.raises(MissingContextError, match="inside a flow or a task"):
        get_run_logger()


@pytest.mark.usefixtures("api")
def test_a_run_logger_without_a_run_warns_raises_or_is_silent_as_set() -> None:
    get_logger()
    logger = logging.getLogger("ostinato.flow_runs")
    with pytest.warns(UserWarning, match="outside of a flow"):
        logger.info("x")
    with temporary_settings({"logging.to_api.when_missing_flow": "error"}), pytest.raises(MissingContextError):
        logger.info("x")
    with temporary_settings({"logging.to_api.when_missing_flow": "ignore"}):
        logger.info("x")


def test_run_loggers_can_be_disabled_for_tests_of_functions(
    api: RecordingApi, capsys: pytest.CaptureFixture[str]
) -> None:
    with disable_run_logger():
        get_run_logger().info("x")
        with flow_context():
            get_run_logger().info("x")
    assert capsys.readouterr().err == ""
    assert shipped(api) == []


def test_credentials_are_masked_everywhere(api: RecordingApi, capsys: pytest.CaptureFixture[str]) -> None:
    with temporary_settings({"api.key": "topsecretkey", "api.auth_string": "user:hunter22"}), flow_context():
        get_run_logger().info("key topsecretkey, login user:hunter22, password hunter22, dXNlcjpodW50ZXIyMg==")
        shipping.drain_all(10)
    everything = capsys.readouterr().err + str(api.of("POST", "/logs/")[0].body)
    for secret in ("topsecretkey", "hunter22", "dXNlcjpodW50ZXIyMg=="):
        assert secret not in everything
    assert mask("topsecretkey") == "topsecretkey", "only the credentials in force are known"


def test_prints_of_a_run_become_lines_of_its_log(api: RecordingApi, capsys: pytest.CaptureFixture[str]) -> None:
    before, elsewhere = builtins.print, io.StringIO()  # Ray, where a test has imported it, has put its own there
    with flow_context(log_prints=True) as flow, patch_print():
        print("a", "b", sep="-")
        print("kept", file=elsewhere)
        with task_context(flow, log_prints=False), patch_print():
            print("plain")
        print("err", file=sys.stderr)
    print("after")
    assert [line["message"] for batch in shipped(api) for line in batch.body] == ["a-b", "err"]
    assert elsewhere.getvalue() == "kept\n"
    assert capsys.readouterr().out == "plain\nafter\n"
    assert builtins.print is before


@given(st.text(), st.integers(len(TRUNCATED), 60))
def test_a_cut_message_fits_and_is_valid_text(message: str, limit: int) -> None:
    result = cut(message, limit)
    assert len(result.encode(errors="replace")) <= limit
    assert result == message or result.endswith(TRUNCATED)


def test_colours_mark_the_level_only() -> None:
    record = logging.LogRecord("ostinato", logging.ERROR, __file__, 1, "broken", None, None)
    assert "\x1b[31mERROR  \x1b[0m" in ConsoleFormatter(colored=True).format(record)
    assert "\x1b" not in ConsoleFormatter().format(record)


def test_colours_need_a_terminal_and_no_word_against_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert not wants_color(True), "stderr is no terminal here"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert wants_color(True)
    assert not wants_color(False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_color(True)


class SlowStream(io.StringIO):
    """A stream whose writes wait until they may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.is_written_to = threading.Event()
        self.may_go_on = threading.Event()

    def write(self, text: str, /) -> int:
        self.is_written_to.set()
        assert self.may_go_on.wait(30)
        return super().write(text)


def test_a_line_does_not_wait_for_another_threads_write(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = SlowStream()
    monkeypatch.setattr(sys, "stderr", stream)
    handler = ConsoleHandler()
    first, *others = [logging.makeLogRecord({"name": "n", "msg": f"line {number}"}) for number in range(4)]
    writer = threading.Thread(target=handler.handle, args=(first,))
    writer.start()
    assert stream.is_written_to.wait(30)
    for record in others:
        handler.handle(record)
    stream.may_go_on.set()
    writer.join(30)
    assert stream.getvalue().splitlines() == [f"line {number}" for number in range(4)]


def test_extra_loggers_go_to_the_run(api: RecordingApi) -> None:
    with temporary_settings({"logging.extra_loggers": ["shop"]}):
        configure_logging(again=True)
        try:
            with flow_context() as flow:
                logging.getLogger("shop").info("sold")
            (line,) = shipped(api)[0].body
        finally:
            logging.getLogger("shop").handlers.clear()
    configure_logging(again=True)
    assert (line["name"], line["message"], line["flow_run_id"]) == ("shop", "sold", str(flow.flow_run.id))


SCRIPT = """
from uuid import uuid4
from types import SimpleNamespace
from ostinato.logging import flow_run_logger

flow_run_logger(SimpleNamespace(id=uuid4(), name="red-fox")).info("last words \\ud800")
"""


def test_a_process_that_ends_ships_what_waits(api: RecordingApi, tmp_path: Path) -> None:
    from ostinato.settings import get_current_settings

    url = get_current_settings().api.url
    assert url is not None
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={"OSTINATO_API_URL": url, "OSTINATO_HOME": str(tmp_path)},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert b"last words" in done.stderr
    assert [line["message"] for batch in api.of("POST", "/logs/") for line in batch.body] == ["last words ?"]


def test_a_logger_of_another_run_can_be_had_by_hand(api: RecordingApi) -> None:
    run = flow_context("blue-owl").flow_run
    flow_run_logger(run, team="data").info("x")
    assert shipped(api)[0].body[0]["flow_run_id"] == str(run.id)
