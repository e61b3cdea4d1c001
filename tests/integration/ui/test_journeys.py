"""The web UI in a real browser against a real server: `ui/e2e` has the journeys."""

from collections.abc import Iterator

import pytest

from tests.support.server import Server, new_server
from tests.support.ui import WITHIN, make_journey


@pytest.fixture(scope="module")
def ui_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The one process; what the UI shows does not depend on the database."""
    home = tmp_path_factory.mktemp("server")
    process = new_server(home, f"sqlite+aiosqlite:///{home / 'ostinato.db'}")
    process.start()
    yield process
    process.stop()


@pytest.mark.timeout(WITHIN)
@pytest.mark.parametrize("journey", ["first", "runs", "work", "regressions", "pages"])
def test_journey(ui_server: Server, journey: str) -> None:
    make_journey(ui_server.url, journey)
