"""The documentation is built without a warning, whole, and without anything that the reader's browser would fetch."""

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ostinato.cli.main import RootGroup
from ostinato.settings.catalogue import all_settings
from tests.support.server import ROOT

FETCHED = re.compile(
    r"""<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=["']?(?:https?:)?//|@import|url\(["']?(?:https?:)?//"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built documentation."""
    folder = tmp_path_factory.mktemp("documentation")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", str(folder / "doctrees")]
    done = subprocess.run(
        [*command, str(ROOT / "docs"), str(folder / "html")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


@pytest.mark.timeout(600)
def test_every_setting_is_told_and_no_path_of_this_machine(site: Path):
    page = html.unescape((site / "reference" / "settings.html").read_text(encoding="utf-8"))
    assert [name for name in all_settings() if f">{name}<" not in page] == []
    assert str(Path.home()) not in page
    assert str(ROOT) not in page


def test_every_command_has_a_page(site: Path):
    commands = RootGroup(name="ostinato").entries
    assert {path.stem for path in (site / "reference/generated/cli").glob("*.html")} == {*commands, "index"}


def test_a_setting_without_a_word_of_what_it_means_is_not_left():
    assert [name for name, setting in all_settings().items() if not setting.field.description] == []


def test_browsers_fetch_nothing_from_elsewhere(site: Path):
    pages = [*site.rglob("*.html"), *site.rglob("*.css")]
    assert [str(page) for page in pages if FETCHED.search(page.read_text(encoding="utf-8"))] == []


def test_every_page_of_the_guide_leads_to_a_next_one():
    pages = (ROOT / "docs" / "user" / "guide").glob("*.md")
    assert [page.name for page in pages if "\nNext" not in page.read_text(encoding="utf-8")] == []
