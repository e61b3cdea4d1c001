"""The harness gives a block a server with an empty database, and takes both away again."""

from pathlib import Path

import pytest

from ostinato.client import get_client
from ostinato.settings import get_current_settings
from ostinato.testing.utilities import ostinato_test_harness
from tests.support.server_package import SERVER, environment, is_open


def test_the_block_runs_against_a_server_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", environment(tmp_path, SERVER)["PYTHONPATH"])
    before = get_current_settings().api.url
    with ostinato_test_harness() as url:
        assert get_current_settings().api.url == url
        with get_client(sync_client=True) as client:
            told = client.hello().json()
    assert told.startswith("told by the stub sqlite+aiosqlite:///")
    assert not Path(told.removeprefix("told by the stub sqlite+aiosqlite:///")).parent.exists()
    assert not is_open(url)
    assert get_current_settings().api.url == before
