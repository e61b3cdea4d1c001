"""The unmodified command line of the reference reads what a program left behind."""

import pytest

from tests.integration.compat.conftest import Client, ProgramRun

pytestmark = pytest.mark.compat


COMMANDS = [
    (["flow", "ls"], ["etl", "summarise", "second-time-lucky"]),
    (["flow-run", "ls"], ["etl-of-orders", "COMPLETED", "FAILED"]),
    (["flow-run", "inspect", "{etl}"], ["etl-of-orders", "source", "COMPLETED"]),
    (["flow-run", "logs", "{etl}"], ["reading orders", "a task failed, as expected"]),
    (["task-run", "ls"], ["summari"]),
    (["version"], ["Server type:", "server"]),
    (["server", "status"], ["Server is available"]),
]


@pytest.mark.parametrize(("arguments", "expected"), COMMANDS, ids=[" ".join(words[:2]) for words, _ in COMMANDS])
def test_a_command_shows_what_it_should(
    client: Client, program_run: ProgramRun, arguments: list[str], expected: list[str]
) -> None:
    result = client.run("prefect", *(each.format(**program_run.ids) for each in arguments))

    assert result.returncode == 0, result.stdout + result.stderr
    for text in expected:
        assert text in result.stdout
    assert "WARNING" not in result.stderr


def test_an_unknown_flow_run_is_told_in_the_words_of_the_client(client: Client) -> None:
    missing = "00000000-0000-7000-8000-000000000000"
    result = client.run("prefect", "flow-run", "inspect", missing)

    assert result.returncode == 1
    assert missing in result.stdout + result.stderr
