"""The table: ratios to the reference, targets, and what an operation costs."""

import pytest

from benchmarks.comparison import HEADER, Cell, is_right, mark, meets, ratio, rows
from benchmarks.measurement import Measurement
from benchmarks.systems import OSTINATO_POSTGRES, OSTINATO_SQLITE, REFERENCE, REFERENCE_SQLITE
from benchmarks.workloads import Target


def cell(*throughputs: float, latency: float = 0.01, failures: int = 0, refused: int = 0) -> Cell:
    """Return rounds of ten seconds with these operations a second; each costs the server 2 ms and the database 1 ms."""
    return Cell(
        [
            Measurement(
                operations=int(each * 10),
                seconds=10,
                latencies=[latency],
                failures=failures,
                refused=refused,
                server_cpu=each * 0.02,
                database_cpu=each * 0.01,
            )
            for each in throughputs
        ]
    )


def test_throughput_is_the_median_of_the_rounds() -> None:
    assert cell(10, 1000, 30).throughput == 30


def test_cost_of_an_operation_is_over_all_rounds() -> None:
    measured = cell(100, 300)
    assert (measured.server_cpu, measured.database_cpu) == (pytest.approx(0.002), pytest.approx(0.001))


def test_nothing_done_has_no_cost() -> None:
    assert Cell([Measurement(seconds=1, failures=1)]).server_cpu is None


def test_ratio_is_to_the_reference_that_ran_the_same_workload() -> None:
    cells = {
        ("create", OSTINATO_SQLITE): cell(400),
        ("create", REFERENCE): cell(20),
        ("writers-16", OSTINATO_SQLITE): cell(300),
        ("writers-16", REFERENCE_SQLITE): cell(100),
    }
    assert ratio(cells, ("create", OSTINATO_SQLITE)) == 20
    assert ratio(cells, ("writers-16", OSTINATO_SQLITE)) == 3


def test_without_a_reference_there_is_no_ratio() -> None:
    assert ratio({("create", OSTINATO_SQLITE): cell(400)}, ("create", OSTINATO_SQLITE)) is None


@pytest.mark.parametrize(("own", "shown"), [(400, ["∞", "20x ✓"]), (0, ["-", "20x"])])
def test_a_reference_that_finished_nothing_is_surpassed_by_whatever_was_finished(own: float, shown: list[str]) -> None:
    cells = {("create", OSTINATO_SQLITE): cell(own), ("create", REFERENCE): cell(0)}
    ours = dict(zip(HEADER, rows(cells)[0], strict=True))
    assert [ours["ratio"], ours["target"]] == shown


def test_targets_are_met_by_ratio_and_by_latency() -> None:
    assert meets(Target(ratio=20), cell(1), 20.0) is True
    assert meets(Target(ratio=20), cell(1), 19.9) is False
    assert meets(Target(p99=0.5), cell(1, latency=0.4), None) is True
    assert meets(Target(p99=0.5), cell(1, latency=0.6), None) is False
    assert meets(Target(ratio=20, p99=0.5), cell(1, latency=0.6), 30.0) is False


def test_target_cannot_be_told_without_the_reference() -> None:
    assert meets(Target(ratio=20), cell(1), None) is None


@pytest.mark.parametrize("wrong", [{"failures": 1}, {"refused": 1}])
def test_target_is_missed_where_an_answer_was_wrong_or_a_request_refused(wrong: dict[str, int]) -> None:
    assert meets(Target(ratio=20), cell(1, **wrong), 30.0) is False


def test_only_this_projects_wrong_answers_count() -> None:
    assert is_right({("create", REFERENCE): cell(1, failures=1), ("create", OSTINATO_SQLITE): cell(1, refused=1)})
    assert not is_right({("create", OSTINATO_SQLITE): cell(1, failures=1)})


def test_rows_of_a_workload_stand_together_in_the_order_of_the_workloads() -> None:
    cells = {
        ("lifecycle", OSTINATO_POSTGRES): cell(100),
        ("create", OSTINATO_POSTGRES): cell(400, 410),
        ("lifecycle", REFERENCE): cell(10),
        ("create", REFERENCE): cell(20),
    }
    shown = [dict(zip(HEADER, row, strict=True)) for row in rows(cells)]
    assert [row["ratio"] for row in shown] == ["20.2x", "1.0x", "10.0x", "1.0x"]
    assert [row["target"] for row in shown] == ["20x ✓", "", "20x ✗", ""]
    assert shown[0]["CPU ms/op"] == "2.00"


def test_mark_says_nothing_that_cannot_be_told() -> None:
    assert [mark("20x", each) for each in (True, False, None)] == ["20x ✓", "20x ✗", "20x"]
