"""The web UI is served beside the API: files, the page for every address, and how far each may be kept."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from ostinato_api.app import create_app
from ostinato_api.services import open_services
from ostinato_core.encryption.source import ensure_key_file
from ostinato_core.settings import ServerSettings
from ostinato_migrator.migrate import upgrade

INDEX = '<head><base href="./" /><meta name="ostinato-api" content="api" /></head>built'
SCRIPT = "export const answer = 42\n" * 100
PAGE_LOAD = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

Site = tuple[aiohttp.ClientSession, str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder into which a UI was built."""
    built = tmp_path / "ui"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text(INDEX)
    (built / "theme.js").write_text("'theme'")
    (built / "assets" / "index-1a2b.js").write_text(SCRIPT)
    (built / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    (tmp_path / "secret.txt").write_text("secret")
    return built


@pytest.fixture
def changes() -> dict[str, object]:
    """Settings that differ from the defaults."""
    return {}


@pytest.fixture
async def site(folder: Path, tmp_path: Path, changes: dict[str, object]) -> AsyncIterator[Site]:
    """A client and the address of a server that serves the folder."""
    settings = ServerSettings(home=tmp_path / "home").model_copy(update=changes)
    settings.home.mkdir()
    ensure_key_file(settings)
    upgrade(settings)
    async with open_services(settings) as services:
        runner = web.AppRunner(create_app(services, ui=folder), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        async with aiohttp.ClientSession() as session:
            yield session, f"http://{host}:{port}"
        await runner.cleanup()


@pytest.mark.parametrize(
    ("path", "way_back"),
    [("/", "./"), ("/runs", "./"), ("/runs?name=a/b", "./"), ("/runs/flow-run/01a2", "../../"), ("/a/b%2Fc", "../")],
)
async def test_every_address_is_the_page_and_finds_its_way_back(site: Site, path: str, way_back: str) -> None:
    session, url = site
    async with session.get(url + path, headers=PAGE_LOAD) as answer:
        text = await answer.text()
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert f'<base href="{way_back}" />' in text
    assert 'content="api"' in text
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


async def test_a_page_that_is_known_is_not_sent_again(site: Site) -> None:
    session, url = site
    async with session.get(url + "/runs", headers=PAGE_LOAD) as first:
        tag = first.headers["ETag"]
    async with session.get(url + "/runs", headers={**PAGE_LOAD, "If-None-Match": tag}) as second:
        assert (second.status, await second.read()) == (304, b"")


async def test_files_with_a_checksum_are_kept_for_ever_and_come_compressed(site: Site) -> None:
    session, url = site
    async with session.get(url + "/assets/index-1a2b.js", headers={"Accept-Encoding": "gzip"}) as answer:
        assert await answer.text() == SCRIPT
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        tag = answer.headers["ETag"]
    async with session.get(url + "/assets/index-1a2b.js", headers={"If-None-Match": tag}) as again:
        assert again.status == 304
    async with session.get(url + "/theme.js") as other:
        assert other.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/assets/gone-0000.js", PAGE_LOAD),
        ("/no/such/file.json", {"Accept": "application/json"}),
        ("/api/no/such/route", PAGE_LOAD),
        ("/api", PAGE_LOAD),
        ("/assets/../../secret.txt", {}),
        ("/assets/..%2f..%2fsecret.txt", {}),
    ],
)
async def test_what_is_not_there_is_404_and_no_page(site: Site, path: str, headers: dict[str, str]) -> None:
    session, url = site
    async with session.get(url + path, headers=headers, allow_redirects=False) as answer:
        assert (answer.status, await answer.json()) == (404, {"detail": "Not Found"})


async def test_the_api_answers_as_without_a_ui(site: Site) -> None:
    session, url = site
    async with session.post(url + "/api/no/such/route") as unknown:
        assert unknown.status == 404
    async with session.get(url + "/api/flows/filter", headers=PAGE_LOAD) as wrong_method:
        assert wrong_method.status == 405
    async with session.get(url + "/ui-settings") as settings:
        assert (await settings.json())["auth"] is None


async def test_a_new_build_is_served_without_a_restart(site: Site, folder: Path) -> None:
    session, url = site
    async with session.get(url + "/", headers=PAGE_LOAD) as answer:
        assert "built" in await answer.text()
    (folder / "index.html").unlink()
    async with session.get(url + "/", headers=PAGE_LOAD) as answer:
        assert "make ui" in await answer.text()
        assert answer.status == 200
    (folder / "assets" / "index-3c4d.js").write_text("new")
    (folder / "index.html").write_text(INDEX.replace("built", "anew"))
    async with session.get(url + "/", headers=PAGE_LOAD) as answer:
        assert "anew" in await answer.text()
    async with session.get(url + "/assets/index-3c4d.js") as answer:
        assert await answer.text() == "new"


@pytest.mark.parametrize("changes", [{"api_auth_string": SecretStr("admin:hidden")}])
async def test_pages_need_no_password_since_they_ask_for_it(site: Site) -> None:
    session, url = site
    for path, status in (("/runs", 200), ("/theme.js", 200), ("/api/version", 401)):
        async with session.get(url + path, headers=PAGE_LOAD) as answer:
            assert answer.status == status, path


@pytest.mark.parametrize("changes", [{"api_base_path": "/tools/flows/api"}])
async def test_the_ui_stands_beside_the_api_wherever_that_is(site: Site) -> None:
    session, url = site
    async with session.get(url + "/tools/flows/runs/flow-run/1", headers=PAGE_LOAD) as answer:
        assert '<base href="../../" />' in await answer.text()
    async with session.get(url + "/tools/flows/api/version") as answer:
        assert answer.status == 200
    async with session.get(url + "/elsewhere", headers=PAGE_LOAD) as answer:
        assert answer.status == 404


@pytest.mark.parametrize("changes", [{"ui_api_url": "https://api.example.org/api"}])
async def test_an_api_of_another_host_is_named_to_the_page_and_allowed_by_its_policy(site: Site) -> None:
    session, url = site
    async with session.get(url + "/", headers=PAGE_LOAD) as answer:
        assert 'content="https://api.example.org/api"' in await answer.text()
        assert answer.headers["Content-Security-Policy"].endswith(
            "connect-src 'self' https://api.example.org wss://api.example.org"
        )


@pytest.mark.parametrize("changes", [{"ui_enabled": False}])
async def test_a_server_without_a_ui_serves_the_api_alone(site: Site) -> None:
    session, url = site
    async with session.get(url + "/runs", headers=PAGE_LOAD) as answer:
        assert answer.status == 404
