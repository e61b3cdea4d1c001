"""What is shown and kept of a measurement."""

import io
from datetime import UTC, datetime, timedelta

from rich.console import Console

from benchmarks.report import Moment, Table, circumstances, machine, markdown, print_tables

TABLE = Table("Two systems", ["workload", "system", "ops/s"], [["create", "a", "40.0"], ["create", "b", "20.0"]])


def test_document_names_each_row_in_full_and_what_it_was_made_on() -> None:
    lines = markdown([TABLE], "today", ["One note."]).split("\n")
    assert "Made by `make bench`, today." in lines
    assert "- One note." in lines
    assert lines[lines.index("## Two systems") :] == [
        "## Two systems",
        "",
        "| workload | system | ops/s |",
        "|---|---|--:|",
        "| create | a | 40.0 |",
        "| create | b | 20.0 |",
        "",
    ]


def test_terminal_says_once_what_rows_have_in_common() -> None:
    shown = io.StringIO()
    print_tables(Console(file=shown, width=80), [TABLE])
    assert shown.getvalue().count("create") == 1
    assert "20.0" in shown.getvalue()


def test_circumstances_tell_machine_and_load_at_both_ends() -> None:
    began = Moment(datetime(2026, 11, 22, 13, tzinfo=UTC), 0.5)
    told = circumstances(began, Moment(began.time + timedelta(minutes=24), 3.25))
    assert "24 minutes" in told
    assert "load average 0.5 at the beginning, 3.2 at the end" in told
    assert machine() in told
