"""Steps: functions that build, push and pull the code of deployments. Project files name them by these addresses.

`ostinato.deployments.steps.git_clone` and `prefect.deployments.steps.git_clone` are the same step; deployments always
hold the latter, which workers of both kinds know.
"""

from ostinato.deployments.steps.docker import build_docker_image, push_docker_image
from ostinato.deployments.steps.pulling import run_pull_steps
from ostinato.deployments.steps.running import run_steps
from ostinato.deployments.steps.shell import pip_install_requirements, run_shell_script
from ostinato.deployments.steps.storage import (
    git_clone,
    pull_from_remote_storage,
    pull_with_block,
    push_to_remote_storage,
    set_working_directory,
)

__all__ = [
    "build_docker_image",
    "git_clone",
    "pip_install_requirements",
    "pull_from_remote_storage",
    "pull_with_block",
    "push_docker_image",
    "push_to_remote_storage",
    "run_pull_steps",
    "run_shell_script",
    "run_steps",
    "set_working_directory",
]
