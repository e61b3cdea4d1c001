"""`serve`: make deployments and run their due runs in this process's children until it is told to end."""

from __future__ import annotations

import asyncio
import warnings
from typing import TYPE_CHECKING

from ostinato.runner.runner import Runner
from ostinato.utilities.annotations import NotSet

if TYPE_CHECKING:
    from ostinato.deployments.definition import RunnerDeployment


def serve(
    *deployments: RunnerDeployment,
    pause_on_shutdown: bool = True,
    print_starting_message: bool = True,
    limit: int | None = None,
    webserver: bool = False,
) -> None:
    """Make deployments and run their due runs, `limit` at once (default: the setting), until SIGINT or SIGTERM.

    With `webserver` it answers `GET /health`, `GET /run_count` and `POST /shutdown`, where the settings say.

    Raises RuntimeError in an event loop (use `aserve` there), DeploymentApplyError if the server refuses one.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise RuntimeError("An event loop is running here: use `await aserve(...)`.")
    asyncio.run(
        aserve(
            *deployments,
            pause_on_shutdown=pause_on_shutdown,
            print_starting_message=print_starting_message,
            limit=limit,
            webserver=webserver,
        )
    )


async def aserve(
    *deployments: RunnerDeployment,
    pause_on_shutdown: bool = True,
    print_starting_message: bool = True,
    limit: int | None = None,
    webserver: bool = False,
) -> None:
    """Do as `serve`, in an event loop."""
    runner = Runner(pause_on_shutdown=pause_on_shutdown, limit=NotSet if limit is None else limit, webserver=webserver)
    for deployment in deployments:
        if deployment.work_pool_name is not None:
            warnings.warn(
                f"{deployment.full_name!r} is served here: its work pool {deployment.work_pool_name!r} is left out.",
                stacklevel=2,
            )
            deployment.work_pool_name = None
        await runner.aadd_deployment(deployment)
    await runner.start(on_started=(lambda: _print_start(deployments)) if print_starting_message else None)


def _print_start(deployments: tuple[RunnerDeployment, ...]) -> None:
    names = [deployment.full_name for deployment in deployments]
    lines = ["Serving deployments; Ctrl-C ends this:", *(f"  {name}" for name in names)]
    if names:
        lines += ["Run one now:", f"  ostinato deployment run {names[0]!r}"]
    print("\n".join(lines), flush=True)  # noqa: T201 - told to the user
