"""What the keywords of a deployment come to."""

from pathlib import Path

import pytest

from ostinato import flow
from ostinato.deployments import ConcurrencyLimitConfig
from ostinato.deployments.entrypoints import file_entrypoint, load_flow, module_entrypoint
from ostinato.exceptions import MissingFlowError, ScriptError
from ostinato.flows import Flow
from ostinato.schedules import Cron, Interval


@flow
def report(rows: int, *, title: str = "x"):
    """Make a report."""
    return rows, title


def test_several_schedules_of_one_kind_come_from_a_list() -> None:
    made = report.to_deployment("d", cron=["0 1 * * *", "0 2 * * *"], timezone="Europe/Berlin")
    assert [(item.cron, item.timezone) for item in made.schedules or ()] == [
        ("0 1 * * *", "Europe/Berlin"),
        ("0 2 * * *", "Europe/Berlin"),
    ]


def test_two_kinds_of_schedules_are_refused() -> None:
    with pytest.raises(ValueError, match="interval and cron"):
        report.to_deployment("d", cron="* * * * *", interval=10)
    with pytest.raises(ValueError, match="schedule and schedules"):
        report.to_deployment("d", schedule=Cron("* * * * *"), schedules=[Interval(10)])


def test_a_limit_is_a_number_or_has_a_strategy() -> None:
    assert report.to_deployment("d", concurrency_limit=3).collision_strategy is None
    made = report.to_deployment("d", concurrency_limit=ConcurrencyLimitConfig(3, "CANCEL_NEW", 60))
    assert (made.concurrency_limit, made.collision_strategy, made.grace_period_seconds) == (3, "CANCEL_NEW", 60)


def test_names_that_cannot_be_part_of_an_address_are_refused() -> None:
    assert report.to_deployment("folder/nightly.py").name == "nightly"
    for name in ("a/b", "a%b", ""):
        with pytest.raises(ValueError, match="Deployment name"):
            report.to_deployment(name)


def test_an_unknown_keyword_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="corn"):
        report.to_deployment("d", corn="* * * * *")  # pyright: ignore[reportCallIssue] - that is the test


def test_code_is_named_by_its_path_below_the_working_directory_or_by_its_module() -> None:
    made = report.to_deployment("d", entrypoint_type="module_path")
    assert (made.entrypoint, made.path) == (f"{__name__}.report", None)
    assert module_entrypoint(report) == f"{__name__}.report"
    path, _, name = (file_entrypoint(report) or "").partition(":")
    assert Path(path).resolve() == Path(__file__)
    assert name == "report"


def test_a_flow_within_a_function_has_no_entrypoint() -> None:
    @flow
    def local() -> None: ...

    assert local.to_deployment("d").entrypoint is None
    with pytest.raises(ValueError, match="module of its own"):
        local.to_deployment("d", entrypoint_type="module_path")


def test_a_flow_is_loaded_from_its_file_whatever_it_is_called_there(tmp_path: Path) -> None:
    code = (
        "from ostinato import flow\nimport beside\ndef work():\n    return beside.x\nnightly = flow(name='n')(work)\n"
    )
    (tmp_path / "beside.py").write_text("x = 5\n")
    (tmp_path / "my-flows.py").write_text(code)
    assert load_flow(f"{tmp_path}/my-flows.py:nightly").fn() == 5
    assert load_flow(f"{tmp_path}/my-flows.py:work").name == "n"
    with pytest.raises(MissingFlowError, match=r"no flow 'other'.*; it has work\."):
        load_flow(f"{tmp_path}/my-flows.py:other")


def test_code_that_cannot_be_imported_is_told_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text("raise KeyError('secret')\n")
    with pytest.raises(ScriptError, match="KeyError: 'secret'"):
        load_flow(f"{tmp_path}/wrong.py:f")
    with pytest.raises(ScriptError, match="there is no file"):
        load_flow(f"{tmp_path}/nothing.py:f")
    with pytest.raises(ScriptError, match="No module named 'no_such_package'"):
        load_flow("no_such_package.f")
    with pytest.raises(ValueError, match="An entrypoint is"):
        load_flow("word")


def test_a_source_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no folder"):
        Flow.from_source(tmp_path / "nothing", "f.py:f")
    with pytest.raises(ValueError, match="A source is"):
        Flow.from_source(5, "f.py:f")


def test_the_decorator_loads_flows_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "words.py").write_text("from ostinato import flow\n\n@flow\ndef count_words():\n    return 3\n")
    found = flow.from_source(tmp_path, "words.py:count_words")
    assert (found.name, found.fn()) == ("count-words", 3)
