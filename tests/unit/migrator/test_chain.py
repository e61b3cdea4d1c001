"""What a revision means, and that the revision which costs no import is the newest one of the chain."""

import subprocess
import sys
from pathlib import Path

import pytest

from ostinato_core.db.revision import REVISION
from ostinato_migrator import chain
from ostinato_migrator.errors import UnknownRevision, UnknownSchema


def test_the_revision_that_the_core_names_is_the_newest_of_the_chain() -> None:
    assert chain.revisions()[-1] == REVISION


def test_the_chain_has_one_line_of_numbers() -> None:
    assert chain.revisions() == [f"{number:04}" for number in range(1, len(chain.revisions()) + 1)]


@pytest.mark.parametrize(
    ("start", "wanted", "target"),
    [
        (None, "head", REVISION),
        (REVISION, "head", REVISION),
        (REVISION, "base", None),
        (REVISION, f"-{len(chain.revisions())}", None),
        (None, "+1", "0001"),
        (None, "0001", "0001"),
    ],
)
def test_a_revision_is_found(start: str | None, wanted: str, target: str | None) -> None:
    assert chain.resolve(start, wanted) == target


@pytest.mark.parametrize(("start", "wanted"), [(None, "-1"), (REVISION, "+1"), (None, "nonsense"), (None, "-")])
def test_a_revision_that_is_not_there_is_refused_with_those_that_are(start: str | None, wanted: str) -> None:
    with pytest.raises(UnknownRevision, match=REVISION):
        chain.resolve(start, wanted)


def test_a_schema_of_a_newer_version_is_refused_with_a_remedy() -> None:
    with pytest.raises(UnknownSchema, match=r"'9999'.*use the newer version") as raised:
        chain.resolve("9999", "head")
    assert "\n" not in raised.value.message


def test_looking_at_an_up_to_date_database_imports_no_alembic(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ostinato_core.settings import ServerSettings\n"
        "from ostinato_migrator.migrate import upgrade\n"
        f"settings = ServerSettings(home=Path({str(tmp_path)!r}))\n"
        "print(upgrade(settings), 'alembic' in sys.modules)\n"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert [run.stdout.split() for run in runs] == [["True", "True"], ["False", "False"]]
