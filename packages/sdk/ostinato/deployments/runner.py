"""`RunnerDeployment` at the path where flows import it from; it is defined in `ostinato.deployments.definition`."""

from ostinato.deployments.definition import RunnerDeployment

__all__ = ["RunnerDeployment"]
