"""The temporary server: started when there is no API URL, found healthy, stopped at the end."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from ostinato.client import ephemeral
from ostinato.client.ephemeral import TemporaryServer
from ostinato.client.errors import ApiUnreachable
from tests.support.server_package import SERVER, environment, is_open, wait_until_closed

PROGRAM = """
from ostinato.client import get_client
from ostinato.client.lookup import api_url

with get_client(sync_client=True) as client:
    print(client.hello().json(), api_url() == client.api_url)
print(client.api_url)
"""


def test_a_process_without_api_url_gets_one_server_that_ends_with_it(tmp_path: Path) -> None:
    variables = environment(tmp_path, SERVER) | {"OSTINATO_SERVER_EPHEMERAL_ENABLED": "true"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    told, url = done.stdout.splitlines()
    assert told == "told by the stub  True"
    assert not is_open(url)


def test_a_server_that_ends_at_once_shows_why(tmp_path: Path) -> None:
    server = TemporaryServer(environment(tmp_path, "raise SystemExit('the disk is full')"), 30)
    with pytest.raises(ApiUnreachable, match="the disk is full"):
        server.start()


def test_a_server_that_does_not_answer_is_stopped(tmp_path: Path) -> None:
    server = TemporaryServer(environment(tmp_path, "import time; time.sleep(60)"), 0.5)
    with pytest.raises(ApiUnreachable, match="STARTUP_TIMEOUT_SECONDS"):
        server.start()


def test_without_the_server_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ephemeral, "SERVER_MODULE", "ostinato_server_that_is_not_installed")
    assert importlib.util.find_spec(ephemeral.SERVER_MODULE) is None
    with pytest.raises(ModuleNotFoundError, match=r"ostinato\[server\].*OSTINATO_API_URL"):
        ephemeral.require_server()


KILLED = """
import os, signal
from ostinato.client.lookup import api_url

print(api_url(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_does_not_outlive_a_process_that_is_killed(tmp_path: Path) -> None:
    variables = environment(tmp_path, SERVER) | {"OSTINATO_SERVER_EPHEMERAL_ENABLED": "true"}
    done = subprocess.run(
        [sys.executable, "-c", KILLED], env=variables, stdout=subprocess.PIPE, text=True, timeout=60, check=False
    )
    url = done.stdout.strip()
    wait_until_closed(url)
    assert not is_open(url)
