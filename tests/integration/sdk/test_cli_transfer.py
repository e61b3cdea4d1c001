"""`transfer`: from one real server to another, which has some of it already."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from pydantic import SecretStr

from ostinato.blocks.core import Block
from ostinato.settings import temporary_settings
from tests.integration.sdk.conftest import Project
from tests.support.cli import Cli, Outcome
from tests.support.server import Server


class TransferAccount(Block):
    """A block with a secret."""

    user: str
    password: SecretStr


class TransferStore(Block):
    """A block with a block in it."""

    account: TransferAccount
    place: str


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that is copied to."""
    home = tmp_path_factory.mktemp("second")
    server = Server(home, f"sqlite+aiosqlite:///{home / 'ostinato.db'}")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def profiles(cli: Cli, server: Server, second: Server) -> None:
    """Profiles `here` and `there` for the two servers."""
    for name, each in (("here", server), ("there", second)):
        cli.ok("profile", "create", name)
        cli.ok("-p", name, "config", "set", f"OSTINATO_API_URL={each.api_url}")


@pytest.fixture
def there(second: Server, profiles: None, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Call commands on the second server."""
    return _There(capsys, second.api_url)


class _There(Cli):
    def __init__(self, capsys: pytest.CaptureFixture[str], api_url: str) -> None:
        super().__init__(capsys)
        self._api_url = api_url

    def __call__(self, *arguments: str) -> Outcome:
        with temporary_settings({"api.url": self._api_url}):
            return super().__call__(*arguments)


def set_up(cli: Cli, mark: str) -> dict[str, str]:
    """Make one of everything; return its names."""
    account = TransferAccount(user="me", password=SecretStr("hush"))
    account.save(f"account-{mark}", _sync=True)
    TransferStore(account=account, place="here").save(f"store-{mark}", _sync=True)
    pool, deployment = f"pool-{mark}", f"add/d-{mark}"
    cli.ok("work-pool", "create", pool, "-t", "process", "--concurrency-limit", "2", "--description", "mine")
    cli.ok("work-queue", "create", "fast", "-p", pool, "-l", "1")
    cli.ok("deploy", "flows.py:add", "-n", f"d-{mark}", "-p", pool, "-q", "fast", "--cron", "0 2 * * *", "--tag", "x",
           "--param", "a=1", "-cl", "3")  # fmt: skip
    cli.ok("variable", "set", f"v_{mark}", '{"a": [1]}')
    cli.ok("gcl", "create", f"limit-{mark}", "-l", "5")
    found = cli.ok("deployment", "inspect", deployment, "-o", "json").json()
    automation = {
        "name": f"auto-{mark}",
        "trigger": {
            "type": "event", "posture": "Reactive", "expect": ["a"],
            "match": {"prefect.resource.id": f"prefect.deployment.{found['id']}"},
        },
        "actions": [{"type": "pause-deployment", "source": "selected", "deployment_id": found["id"]}],
    }  # fmt: skip
    cli.ok("automation", "create", "-j", json.dumps(automation))
    return {"pool": pool, "deployment": deployment, "automation": f"auto-{mark}"}


def statuses(outcome: Outcome, mark: str) -> dict[str, str]:
    """Return the status of each resource of the mark."""
    return {each["resource"]: each["status"] for each in outcome.json() if mark in each["resource"]}


def test_all_is_copied_once_and_names_what_is_there(cli: Cli, there: Cli, project: Project) -> None:
    mark = uuid4().hex[:8]
    made = set_up(cli, mark)
    there.ok("variable", "set", f"v_{mark}", "own")
    transfer = ("transfer", "--from", "here", "--to", "there", "-o", "json")
    first = cli.ok(*transfer)
    assert statuses(first, mark) == {
        f"block/transferaccount/account-{mark}": "skipped",
        f"block/transferstore/store-{mark}": "skipped",
        f"variable/v_{mark}": "skipped",
        f"concurrency-limit/limit-{mark}": "made",
        f"work-pool/pool-{mark}": "made",
        f"work-queue/pool-{mark}/default": "skipped",
        f"work-queue/pool-{mark}/fast": "made",
        f"deployment/add/d-{mark}": "made",
        f"automation/auto-{mark}": "made",
    }
    assert there.ok("variable", "get", f"v_{mark}").out == '"own"\n'
    _is_as_made(there, made)
    second = cli.ok(*transfer, "--with-secrets")
    assert set(statuses(second, mark).values()) == {"skipped", "made"}
    assert {key for key, status in statuses(second, mark).items() if status == "made"} == {
        f"block/transferaccount/account-{mark}",
        f"block/transferstore/store-{mark}",
    }
    block = there.ok("block", "inspect", f"transferstore/store-{mark}", "-o", "json").json()
    assert (block["data"]["place"], block["data"]["account"]["user"]) == ("here", "me")
    shown = cli.ok("transfer", "--from", "here", "--to", "there").out
    assert "Transfer completed: " in shown
    assert " made" not in shown.rpartition("Transfer completed: ")[2]


def _is_as_made(there: Cli, made: dict[str, str]) -> None:
    pool = there.ok("work-pool", "inspect", made["pool"], "-o", "json").json()
    assert (pool["concurrency_limit"], pool["description"]) == (2, "mine")
    deployment = there.ok("deployment", "inspect", made["deployment"], "-o", "json").json()
    assert (deployment["work_queue_name"], deployment["parameters"], deployment["tags"]) == ("fast", {"a": 1}, ["x"])
    assert deployment["global_concurrency_limit"]["limit"] == 3
    assert [item["schedule"]["cron"] for item in deployment["schedules"]] == ["0 2 * * *"]
    (automation,) = there.ok("automation", "inspect", made["automation"], "-o", "json").json()
    assert automation["actions"][0]["deployment_id"] == deployment["id"]
    assert automation["trigger"]["match"] == {"prefect.resource.id": f"prefect.deployment.{deployment['id']}"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--from", "here", "--to", "here"), "name the same profile"),
        (("--from", "here", "--to", "ephemeral"), "has no API URL"),
        (("--from", "hree", "--to", "there"), "Did you mean 'here'?"),
    ],
)
def test_what_cannot_be_copied_between(
    arguments: tuple[str, ...], told: str, cli: Cli, profiles: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OSTINATO_API_URL")
    outcome = cli("transfer", *arguments)
    assert outcome.code == 1
    assert told in outcome.out
