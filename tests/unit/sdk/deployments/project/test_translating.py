"""A project file of the reference becomes one of ours; what cannot is told."""

from pathlib import Path

import yaml

from ostinato.deployments.project.file import Project
from ostinato.deployments.project.translating import translate

THEIRS = """\
# Welcome to the project.
prefect-version: 3.4.0
name: shop

build:
- prefect_docker.deployments.steps.build_docker_image:   # the image
    id: build_image
    requires: prefect-docker>=0.3.1
    image_name: registry.example/shop
    dockerfile: auto

push:
- prefect_aws.deployments.steps.push_to_s3:
    bucket: code
    folder: shop
    credentials: "{{ prefect.blocks.aws-credentials.prod }}"

pull:
- prefect.deployments.steps.set_working_directory:
    directory: /opt/prefect/shop
- acme.steps.unpack: {what: all}

definitions:
  pool: &pool
    name: prod
    job_variables:
      image: prefecthq/prefect:3-latest
deployments:
- name: nightly
  entrypoint: etl.py:load
  schedule: {cron: "0 2 * * *"}   # by night
  sla: [{name: x}]
  work_pool: *pool
- name: hourly
  entrypoint: etl.py:load
  pull:
  - prefect.deployments.steps.git_clone:
      repository: https://example.org/shop.git
  work_pool:
    <<: *pool
"""


def test_names_change_and_all_else_stays(tmp_path: Path) -> None:
    (tmp_path / "etl.py").write_text("from prefect import flow\n")
    made = translate(THEIRS, tmp_path)
    content = yaml.safe_load(made.text)
    assert "prefect-version" not in content
    assert content["ostinato-version"]
    ((name, inputs),) = content["build"][0].items()
    assert name == "ostinato.deployments.steps.build_docker_image"
    assert inputs["id"] == "build_image"
    assert content["push"] == [
        {
            "ostinato.deployments.steps.push_to_remote_storage": {
                "url": "s3://code/shop",
                "key": "{{ prefect.blocks.aws-credentials.prod.aws_access_key_id }}",
                "secret": "{{ prefect.blocks.aws-credentials.prod.aws_secret_access_key }}",
            }
        }
    ]
    assert content["pull"] == [
        {"ostinato.deployments.steps.set_working_directory": {"directory": "/opt/ostinato/shop"}},
        {"acme.steps.unpack": {"what": "all"}},
    ]
    assert list(content["deployments"][1]["pull"][0]) == ["ostinato.deployments.steps.git_clone"]
    assert content["deployments"][0]["work_pool"]["name"] == "prod"
    for kept in (
        "# Welcome to the project.",
        "# the image",
        "# by night",
        "pool: &pool",
        "work_pool: *pool",
        "<<: *pool",
    ):
        assert kept in made.text


def test_what_a_person_should_look_at_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "etl.py").write_text("from prefect import flow\n")
    notes = translate(THEIRS, tmp_path).notes
    assert [note.partition(":")[0] for note in notes] == ["line 21", "line 27", "etl.py imports prefect"]
    assert "needs the package 'acme'" in notes[0]
    assert "does not hold Ostinato" in notes[1]


def test_the_result_is_a_project(tmp_path: Path) -> None:
    (tmp_path / "ostinato.yaml").write_text(translate(THEIRS, tmp_path).text)
    project = Project.find(tmp_path)
    assert [entry["name"] for entry in project.deployments] == ["nightly", "hourly"]
    assert translate((tmp_path / "ostinato.yaml").read_text(), tmp_path).changed == []
