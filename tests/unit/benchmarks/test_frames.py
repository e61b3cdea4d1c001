"""Task runs as frames: each is one of its own, and told in order."""

import orjson

from benchmarks.frames import EVENTS_PER_TASK_RUN, TaskRunFrames
from benchmarks.sockets import encode_frame
from tests.support.json import Json

HEAD = 8
"""Bytes before the payload of a client's frame of 126 to 65 535 bytes."""
FLOW_RUN = "0193a5b0-0000-7000-8000-000000000000"


def events(frames: TaskRunFrames) -> list[Json]:
    """Return the events of the next task run."""
    return [orjson.loads(frame[HEAD:]) for _, frame in frames.next()]


def test_a_task_run_is_told_by_three_events_that_follow_one_another() -> None:
    told = events(TaskRunFrames(FLOW_RUN))
    assert [each["event"] for each in told] == [
        f"prefect.task-run.{state}" for state in ("Pending", "Running", "Completed")
    ]
    assert [each["follows"] for each in told] == [None, told[0]["id"], told[1]["id"]]
    assert [each["occurred"] for each in told] == sorted(each["occurred"] for each in told)
    assert len({each["resource"]["prefect.resource.id"] for each in told}) == 1


def test_each_task_run_is_another_one_of_the_same_flow_run() -> None:
    frames = TaskRunFrames(FLOW_RUN)
    first, second = events(frames), events(frames)
    assert not {each["id"] for each in first} & {each["id"] for each in second}
    assert first[0]["resource"]["prefect.resource.id"] != second[0]["resource"]["prefect.resource.id"]
    assert first[0]["payload"]["task_run"]["dynamic_key"] != second[0]["payload"]["task_run"]["dynamic_key"]
    related = {each["related"][0]["prefect.resource.id"] for each in (*first, *second)}
    assert related == {f"prefect.flow-run.{FLOW_RUN}"}


def test_told_ids_are_those_in_the_frames() -> None:
    for event_id, frame in TaskRunFrames(FLOW_RUN).next():
        assert orjson.loads(frame[HEAD:])["id"] == event_id


def test_chunks_hold_all_of_them() -> None:
    chunks = list(TaskRunFrames(FLOW_RUN).chunks(7, 3))
    assert [count for count, _ in chunks] == [3, 3, 1]
    assert [data.count(b'"follows":null') for _, data in chunks] == [3, 3, 1]
    assert EVENTS_PER_TASK_RUN == 3


def test_frames_of_any_length_are_those_of_a_client() -> None:
    for size, head in (
        (5, b"\x81\x85"),
        (200, b"\x81\xfe\x00\xc8"),
        (70_000, b"\x81\xff" + (70_000).to_bytes(8, "big")),
    ):
        assert encode_frame(b"x" * size) == head + b"\0\0\0\0" + b"x" * size
