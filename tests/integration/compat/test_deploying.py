"""A deployment made by `ostinato deploy` of a flow of the reference, in git, run by the reference's worker."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.integration.compat.conftest import Client
from tests.support.cli import Cli
from tests.support.client import Api
from tests.support.git import alone_with_git, new_repository
from tests.support.server import Server
from tests.support.settings import clear_settings

FLOW = """
from prefect import flow

@flow(log_prints=True)
def theirs(rows: int = 1):
    print(f"{rows} rows of {open('table.txt').read()}")
"""
PROJECT = """
pull:
- git_clone: {{id: clone, repository: "{url}", branch: main}}
- run_shell_script: {{script: "touch pulled", directory: "{{{{ clone.directory }}}}"}}
deployments:
- {{name: nightly, entrypoint: "flows.py:theirs", parameters: {{rows: 3}}, work_pool: {{name: {pool}}}}}
"""


async def test_the_worker_of_the_reference_clones_and_runs(
    server: Server, api: Api, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    alone_with_git(monkeypatch)
    clear_settings(monkeypatch, tmp_path)
    monkeypatch.setenv("OSTINATO_API_URL", server.api_url)
    repository = new_repository(tmp_path / "code")
    (repository.folder / "table.txt").write_text("first")
    repository.commit(flows_py=FLOW)
    pool = f"pool-{uuid4().hex[:8]}"
    assert client.run("prefect", "work-pool", "create", pool, "--type", "process").returncode == 0
    monkeypatch.chdir(repository.folder)
    (repository.folder / "ostinato.yaml").write_text(PROJECT.format(url=repository.url, pool=pool))
    cli = Cli(capsys)
    cli.ok("--no-prompt", "deploy", "--all")
    run = cli.ok("deployment", "run", "theirs/nightly", "-o", "json").json()
    worked = client.run("prefect", "worker", "start", "--pool", pool, "--run-once")
    assert worked.returncode == 0, worked.stderr
    found = (await api.get(f"/flow_runs/{run['id']}")).json
    assert found["state_name"] == "Completed", worked.stderr
    assert "3 rows of first" in worked.stderr
