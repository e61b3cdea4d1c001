"""What `make bench` does in which order, by its options."""

import pytest

from benchmarks.compare import planned
from benchmarks.options import FULL, parse
from benchmarks.parts.registry import RUNS
from benchmarks.parts.soak import growth
from benchmarks.systems import OSTINATO_POSTGRES, OSTINATO_SQLITE, REFERENCE, REFERENCE_SQLITE

ALL = [OSTINATO_SQLITE, OSTINATO_POSTGRES, REFERENCE, REFERENCE_SQLITE]


def test_systems_take_turns() -> None:
    plan = planned(ALL, parse(["--rounds", "2", "--workload", "create", "--workload", "writers-16"]))
    assert [(number, system) for number, system, _ in plan] == [(number, each) for number in (0, 1) for each in ALL]


def test_what_takes_long_runs_in_the_first_round_only() -> None:
    plan = planned(ALL, parse(["--rounds", "2"]))
    assert {number for number, _, names in plan if "events-100k" in names} == {0}


def test_workloads_about_sqlite_run_on_sqlite_and_only_they_on_the_references() -> None:
    names = {system: chosen for _, system, chosen in planned(ALL, parse(["--rounds", "1"]))}
    assert names[REFERENCE_SQLITE] == ["writers-16", "writers-64"]
    assert names[REFERENCE] == names[OSTINATO_POSTGRES]
    assert set(names[OSTINATO_SQLITE]) == {*names[REFERENCE], *names[REFERENCE_SQLITE]}


def test_system_without_a_chosen_workload_is_not_started() -> None:
    assert [system for _, system, _ in planned(ALL, parse(["--rounds", "1", "--workload", "create"]))] == ALL[:3]


def test_every_part_is_run_by_its_name() -> None:
    assert {name for names, _ in RUNS for name in names} == set(parse([]).parts)


def test_full_sizes_may_be_changed_one_by_one() -> None:
    options = parse(["--full", "--rows", "500"])
    assert (options.rows, options.schedules, options.is_full) == (500, FULL["schedules"], True)


def test_part_of_the_whole_does_not_write_results() -> None:
    assert parse([]).is_whole
    assert not parse(["--workload", "create"]).is_whole
    assert not parse(["--system", "SQLite"]).is_whole


@pytest.mark.parametrize(("samples", "expected"), [([], 0), ([(0, 5)], 0), ([(0, 100), (30, 101), (60, 102)], 2)])
def test_growth_is_mb_a_minute(samples: list[tuple[float, float]], expected: float) -> None:
    assert growth(samples) == pytest.approx(expected)
