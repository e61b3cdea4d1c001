"""Project files: which one is read, which of its deployments are meant, and what their members must be."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ostinato.deployments.definition import ConcurrencyLimitConfig
from ostinato.deployments.project.entry import check_entry, read_entry
from ostinato.deployments.project.file import Project, ProjectFileError

FILE = """
pull:
- git_clone: {repository: "https://example.org/x.git"}
deployments:
- {name: nightly, entrypoint: "etl.py:load_all"}
- {name: hourly, entrypoint: "etl.py:load_all", pull: []}
- {name: nightly-prod, entrypoint: "report.py:report", pull: {a.b: {c: 1}}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with three deployments of two flows."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ostinato.yaml").write_text(FILE)
    (tmp_path / "report.py").write_text("import nothing\n@flow(name='the-report')\ndef report():\n    ...\n")
    return Project.find(tmp_path)


@pytest.mark.parametrize(
    ("patterns", "found", "unknown"),
    [
        (["nightly"], ["nightly"], []),
        (["load-all/*"], ["nightly", "hourly"], []),
        (["*-prod", "hourly"], ["hourly", "nightly-prod"], []),
        (["the-report/nightly-*"], ["nightly-prod"], []),
        (["night*", "weekly"], ["nightly", "nightly-prod"], ["weekly"]),
        (["report/nightly"], [], ["report/nightly"]),
    ],
)
def test_deployments_are_found_by_patterns(
    project: Project, patterns: list[str], found: list[str], unknown: list[str]
) -> None:
    entries, left = project.matching(patterns)
    assert ([entry["name"] for entry in entries], left) == (found, unknown)


def test_steps_of_a_deployment_outrank_those_of_all(project: Project) -> None:
    nightly, hourly, prod = project.deployments
    assert project.steps(nightly, "pull") == [{"git_clone": {"repository": "https://example.org/x.git"}}]
    assert project.steps(hourly, "pull") == []
    assert project.steps(prod, "pull") == [{"a.b": {"c": 1}}]
    assert project.steps(prod, "build") is None


def test_the_file_of_the_reference_is_read_where_there_is_no_other(tmp_path: Path) -> None:
    assert Project.find(tmp_path).deployments == []
    (tmp_path / "prefect.yaml").write_text("deployments: [{name: theirs}]")
    assert Project.find(tmp_path).deployments == [{"name": "theirs"}]
    (tmp_path / "ostinato.yaml").write_text("deployments: [{name: ours}]")
    assert Project.find(tmp_path).deployments == [{"name": "ours"}]
    assert Project.find(tmp_path, "prefect.yaml").deployments == [{"name": "theirs"}]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("deployments: [", "cannot be read"),
        ("- a", "no `name: value` pairs"),
        ("deployments: {a: b}", "list of deployments"),
        ("build: nothing", "`build`: Steps are a list"),
    ],
)
def test_a_broken_file_is_told_and_not_passed_over(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "ostinato.yaml").write_text(text)
    with pytest.raises(ProjectFileError, match=problem):
        Project.find(tmp_path)
    with pytest.raises(ProjectFileError, match="no project file"):
        Project.find(tmp_path, "other.yaml")


def test_a_deployment_is_read_as_people_write_it() -> None:
    entry = read_entry(
        {
            "name": 7,
            "version": 1.2,
            "tags": "a, b",
            "description": None,
            "unknown": "ignored",
            "schedule": {"interval": "1:30:00", "slug": "x"},
            "concurrency_limit": {"limit": 2, "collision_strategy": "CANCEL_NEW", "grace_period_seconds": 60},
            "work_pool": {"name": "p", "job_variables": None},
        }
    )
    assert (entry.name, entry.version, entry.tags) == ("7", "1.2", ["a", "b"])
    assert entry.limit() == ConcurrencyLimitConfig(2, "CANCEL_NEW", 60)
    (schedule,) = entry.schedules or []
    assert schedule.to_schedule().interval == timedelta(hours=1, minutes=30)
    assert read_entry({"concurrency_limit": 3}).limit() == 3
    assert read_entry({"concurrency_limit": {"limit": 3}}).limit() == 3


@pytest.mark.parametrize(
    ("given", "seconds"), [(60, 60), (1.5, 1.5), ("PT1H", 3600), ("1:00:30", 3630), ("2 days, 0:00:10", 172_810)]
)
def test_intervals_are_written_in_several_ways(given: Any, seconds: float) -> None:
    (schedule,) = read_entry({"schedules": [{"interval": given}]}).schedules or []
    assert schedule.interval == timedelta(seconds=seconds)


def test_a_recurrence_may_bring_its_time_zone() -> None:
    text = '{"rrule": "FREQ=DAILY", "timezone": "Europe/Berlin"}'
    (schedule,) = read_entry({"schedules": [{"rrule": text}]}).schedules or []
    assert (schedule.rrule, schedule.timezone) == ("FREQ=DAILY", "Europe/Berlin")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"schedules": [{"cron": "* * * * *", "interval": 5}]}, r"schedules\.0: .*exactly one of"),
        ({"schedules": [{"cron": "* * * * *", "zone": "UTC"}]}, r"schedules\.0\.zone: Extra inputs"),
        ({"schedules": [{"cron": "* * * * *", "timezone": "Mars"}]}, "Unknown time zone 'Mars'"),
        ({"schedule": {"cron": "* * * * *"}, "schedules": [{"interval": 5}]}, "not both"),
        ({"parameters": [1]}, "parameters: Input should be a valid dictionary"),
        ({"concurrency_limit": 0}, "greater than 0"),
    ],
)
def test_wrong_members_are_named(entry: dict[str, Any], problem: str) -> None:
    with pytest.raises(ProjectFileError, match=problem):
        read_entry({"name": "x", **entry})
    with pytest.raises(ProjectFileError, match=problem):
        check_entry({"name": "x", **entry})


def test_what_a_template_will_come_to_is_not_judged_before() -> None:
    entry = {"name": "{{ a }}", "concurrency_limit": "{{ limit }}", "paused": "{{ b }}", "tags": ["{{ c }}"]}
    check_entry(entry)
    with pytest.raises(ProjectFileError, match="concurrency_limit"):
        read_entry(entry)
