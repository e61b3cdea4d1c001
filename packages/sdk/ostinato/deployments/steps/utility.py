"""The address by which steps of the shell are known as well."""

from ostinato.deployments.steps.shell import pip_install_requirements, run_shell_script

__all__ = ["pip_install_requirements", "run_shell_script"]
