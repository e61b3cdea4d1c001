"""Every page of the user guide does what it says: its files are saved, its commands typed, their output compared."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.guide import Reader, reader_environment
from tests.support.ports import free_port
from tests.support.server import REFERENCE_VENV, ROOT, Server

GUIDE = ROOT / "docs" / "user" / "guide"
PAGES = sorted(GUIDE.glob("*.md"))
OWN_SERVER = "$ ostinato server start"


@pytest.fixture(scope="module")
def guide_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of all pages that do not start their own."""
    home = tmp_path_factory.mktemp("server")
    waits = {"OSTINATO_SERVER_TASKS_TAG_CONCURRENCY_SLOT_WAIT_SECONDS": "1"}
    server = Server(home, f"sqlite+aiosqlite:///{home / 'ostinato.db'}", waits)
    server.start()
    yield server
    server.stop()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    home, folder = tmp_path / "home", tmp_path / "reader"
    home.mkdir()
    folder.mkdir()
    environment = reader_environment(home, [Path(sys.executable).parent, REFERENCE_VENV / "bin"])
    if OWN_SERVER in page.read_text(encoding="utf-8"):
        address = f"127.0.0.1:{free_port()}"
        environment["OSTINATO_SERVER_API_PORT"] = address.partition(":")[2]
    else:
        server: Server = request.getfixturevalue("guide_server")
        address = f"127.0.0.1:{server.port}"
        environment |= {"OSTINATO_API_URL": server.api_url, "PREFECT_API_URL": server.api_url}
    Reader(page, folder, address, environment).follow()
