"""Deployments are written into project files between what people wrote there."""

from pathlib import Path

import pytest
import yaml

from ostinato.deployments.project.file import ProjectFileError
from ostinato.deployments.project.saving import save_entry

NEW = {"name": "new", "entrypoint": "f.py:f", "tags": ["a"], "schedules": [{"cron": "0 2 * * *"}]}
COMMENTED = """\
# The project.
name: mine   # its name

deployments:
  # Every night.
  - name: nightly
    entrypoint: f.py:f
    tags: [a]

  # Every hour.
  - entrypoint: f.py:f
    name: hourly

# The end.
pull: []
"""


@pytest.mark.parametrize(
    "text", ["", "name: mine\n", "deployments:\n", "deployments: []\n", "deployments: null\nname: mine\n"]
)
def test_a_file_gets_its_first_deployment(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ostinato.yaml"
    path.write_text(text)
    assert not save_entry(path, NEW)
    content = yaml.safe_load(path.read_text())
    assert content["deployments"] == [NEW]
    assert content.get("name") == ("mine" if "mine" in text else None)


def test_a_missing_file_is_made(tmp_path: Path) -> None:
    save_entry(tmp_path / "ostinato.yaml", NEW)
    assert yaml.safe_load((tmp_path / "ostinato.yaml").read_text()) == {"deployments": [NEW]}


def test_a_further_deployment_goes_behind_the_others(tmp_path: Path) -> None:
    path = tmp_path / "ostinato.yaml"
    path.write_text(COMMENTED)
    assert not save_entry(path, NEW)
    text = path.read_text()
    assert [entry["name"] for entry in yaml.safe_load(text)["deployments"]] == ["nightly", "hourly", "new"]
    assert yaml.safe_load(text)["pull"] == []
    for comment in ("# The project.", "# its name", "# Every night.", "# Every hour.", "\n# The end.\npull: []\n"):
        assert comment in text


@pytest.mark.parametrize("name", ["nightly", "hourly"])
def test_a_deployment_is_replaced_where_it_stands(tmp_path: Path, name: str) -> None:
    path = tmp_path / "ostinato.yaml"
    path.write_text(COMMENTED)
    assert save_entry(path, NEW | {"name": name})
    text = path.read_text()
    entries = yaml.safe_load(text)["deployments"]
    assert [entry["name"] for entry in entries] == ["nightly", "hourly"]
    assert next(entry for entry in entries if entry["name"] == name) == NEW | {"name": name}
    for comment in ("# Every night.", "# Every hour.", "\n# The end.\npull: []\n"):
        assert comment in text


def test_deployments_in_one_line_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "ostinato.yaml"
    path.write_text("deployments: [{name: one, entrypoint: a.py:a}]\npull: []\n")
    save_entry(path, NEW)
    assert save_entry(path, {"name": "one", "entrypoint": "a.py:a", "tags": ["x"]})
    content = yaml.safe_load(path.read_text())
    assert [entry["name"] for entry in content["deployments"]] == ["one", "new"]
    assert (content["deployments"][0]["tags"], content["pull"]) == (["x"], [])


def test_what_is_no_project_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ostinato.yaml"
    for text in ("- a\n", "a: [\n"):
        path.write_text(text)
        with pytest.raises(ProjectFileError):
            save_entry(path, NEW)
        assert path.read_text() == text
