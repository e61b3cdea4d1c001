"""Deployments: `flow.serve`, `flow.deploy`, `serve`, `deploy` and `run_deployment`."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ostinato.deployments.definition import ConcurrencyLimitConfig, RunnerDeployment
    from ostinato.deployments.deploying import adeploy, deploy
    from ostinato.deployments.images import DockerImage
    from ostinato.deployments.running import arun_deployment, run_deployment

__all__ = [
    "ConcurrencyLimitConfig",
    "DockerImage",
    "RunnerDeployment",
    "adeploy",
    "arun_deployment",
    "deploy",
    "run_deployment",
]

_HOMES = {
    "ConcurrencyLimitConfig": "definition",
    "DockerImage": "images",
    "RunnerDeployment": "definition",
    "adeploy": "deploying",
    "arun_deployment": "running",
    "deploy": "deploying",
    "run_deployment": "running",
}


def __getattr__(name: str) -> Any:  # Any: public names of many types, told to type checkers above
    """Load a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
