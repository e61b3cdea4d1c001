"""`server rotate-keys`, and a server that was given another key."""

import subprocess
from collections.abc import Callable

import pytest

from tests.integration.server_cli.conftest import Environment, Invoke
from tests.support.keys import new_key

Background = Callable[..., "subprocess.CompletedProcess[str]"]

pytestmark = pytest.mark.usefixtures("database")


def test_it_says_with_which_key_everything_is_encrypted(invoke: Invoke, environment: Environment) -> None:
    environment["OSTINATO_ENCRYPTION_KEY"] = key = new_key()
    assert invoke("database", "upgrade", "-y").exit_code == 0

    result = invoke("rotate-keys")

    assert result.exit_code == 0, result.stderr
    assert "0 secrets were encrypted with the key" in result.stdout
    assert key not in result.output


@pytest.mark.parametrize("key", ["", "nonsense"])
def test_without_a_good_key_it_says_how_to_make_one(invoke: Invoke, environment: Environment, key: str) -> None:
    environment["OSTINATO_ENCRYPTION_KEY"] = key
    assert invoke("database", "upgrade", "-y").exit_code == 0

    result = invoke("rotate-keys")

    assert result.exit_code == 1
    assert "openssl rand -base64 32" in result.stderr
    assert "nonsense" not in result.stderr


def test_a_server_with_another_key_says_so_at_start(
    background: Background, invoke: Invoke, environment: Environment
) -> None:
    assert invoke("database", "upgrade", "-y").exit_code == 0
    environment["OSTINATO_ENCRYPTION_KEY"] = new_key()
    assert invoke("rotate-keys").exit_code == 0
    environment["OSTINATO_ENCRYPTION_KEY"] = new_key()

    result = background("start", "--no-services")

    assert result.returncode == 1
    assert "OSTINATO_ENCRYPTION_KEY" in result.stderr.strip().splitlines()[-1]
