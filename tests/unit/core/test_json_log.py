"""A line of the server's log is JSON; what it is about stands in members of their own."""

import logging
from uuid import uuid4

import orjson

from ostinato_core.json_log import JsonFormatter, log_fields
from tests.support.json import Json


def line(message: str = "hello", *arguments: object, **extra: object) -> Json:
    """Return what is written of a record."""
    logger = logging.getLogger("ostinato.server.test")
    record = logger.makeRecord(logger.name, logging.INFO, __file__, 1, message, arguments, None, extra=extra)
    return orjson.loads(JsonFormatter().format(record))


def test_line_tells_time_level_logger_and_message() -> None:
    written = line("%d runs", 3)
    assert written["message"] == "3 runs"
    assert (written["level"], written["logger"]) == ("INFO", "ostinato.server.test")
    assert written["time"].endswith("Z")


def test_ids_of_a_message_are_members() -> None:
    flow_run_id, task_run_id = uuid4(), uuid4()
    written = line(flow_run_id=flow_run_id, task_run_id=task_run_id, password="secret")
    assert (written["flow_run_id"], written["task_run_id"]) == (str(flow_run_id), str(task_run_id))
    assert "password" not in written


def test_fields_of_a_block_stand_beside_what_is_logged_in_it() -> None:
    with log_fields(request_id="outer", loop="late"):
        with log_fields(request_id="inner", flow_run_id=None):
            written = line()
            assert (written["request_id"], written["loop"]) == ("inner", "late")
            assert "flow_run_id" not in written
        assert line()["request_id"] == "outer"
    assert "request_id" not in line()


def test_message_knows_better_than_the_block_around_it() -> None:
    with log_fields(flow_run_id="of the block"):
        assert line(flow_run_id="its own")["flow_run_id"] == "its own"
