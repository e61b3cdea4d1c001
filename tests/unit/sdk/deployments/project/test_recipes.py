"""Recipes of new projects."""

from pathlib import Path

import pytest
import yaml

from ostinato.deployments.project.file import Project
from ostinato.deployments.project.recipes import RECIPES, default_recipe, missing_fields, project_file
from ostinato.deployments.steps.equivalents import stock_name
from tests.support.git import alone_with_git, new_repository

FIELDS = {"image_name": "reg/etl", "tag": "1", "bucket": "b", "container": "c", "folder": "f"}


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_makes_a_project_of_known_steps(recipe: str, tmp_path: Path) -> None:
    (tmp_path / "ostinato.yaml").write_text(project_file(tmp_path, "etl", recipe, FIELDS))
    project = Project.find(tmp_path)
    names = [name for steps in project.actions.values() for step in steps or [] for name in step]
    assert all(stock_name(name) for name in names)
    assert ("docker" in recipe) == any(stock_name(name) == "build_docker_image" for name in names)
    assert project.steps(project.deployments[0], "pull")
    text = (tmp_path / "ostinato.yaml").read_text()
    assert ("<" in text) == ("git" in recipe)  # a folder without a repository: its address is to be filled in
    assert yaml.safe_load(text)["name"] == "etl"


def test_there_are_ten_recipes_and_fields_are_asked_for() -> None:
    assert len(RECIPES) == 10
    assert [name for name, _ in missing_fields("docker-s3", {"tag": "1"})] == ["image_name", "bucket", "folder"]
    assert missing_fields("local", {}) == []


def test_the_recipe_that_suits_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone_with_git(monkeypatch)
    repository = new_repository(tmp_path / "project")
    assert default_recipe(repository.folder) == "local"
    (repository.folder / "Dockerfile").write_text("FROM x")
    assert default_recipe(repository.folder) == "docker"
    repository.git("remote", "add", "origin", "https://me:secret@example.org/x.git")
    assert default_recipe(repository.folder) == "docker-git"
    repository.commit(x="x")
    made = yaml.safe_load(project_file(repository.folder, "x", "git", {}))
    clone = made["pull"][0]["ostinato.deployments.steps.git_clone"]
    assert clone == {"repository": "https://example.org/x.git", "branch": "main"}
