"""What a flow can do beside being called: be served, deployed, and loaded from where its code is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, cast

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato.deployments.definition import (
        ConcurrencyLimitConfig,
        DeploymentOptions,
        RunnerDeployment,
        ServeOptions,
    )
    from ostinato.deployments.images import DockerImage
    from ostinato.engine.steps import Plan
    from ostinato.flows import Flow
    from ostinato.runner.storage import CodeStorage

# Any below: flows of whatever type.


class Deployable:
    """The base of `Flow`. Everything that it needs is imported when it is called: flows are cheap to import."""

    storage: CodeStorage | None = None
    """Where the code was loaded from by `from_source`."""
    source_entrypoint: str | None = None
    """The entrypoint within `storage`."""

    def to_deployment(self, name: str, **options: Unpack[DeploymentOptions]) -> RunnerDeployment:
        """Return a deployment of this flow for `serve` or `deploy`; the server is not told of it yet.

        The options are those of `DeploymentOptions`. Raises ValueError for options that exclude each other.
        """
        from ostinato.deployments.definition import RunnerDeployment

        return RunnerDeployment.from_flow(cast("Flow[..., Any]", self), name, **options)

    async def ato_deployment(self, name: str, **options: Unpack[DeploymentOptions]) -> RunnerDeployment:
        """Do as `to_deployment`, in an event loop."""
        return self.to_deployment(name, **options)

    def serve(
        self,
        name: str | None = None,
        *,
        pause_on_shutdown: bool = True,
        print_starting_message: bool = True,
        limit: int | None = None,
        global_limit: int | ConcurrencyLimitConfig | None = None,
        webserver: bool = False,
        **options: Unpack[ServeOptions],
    ) -> None:
        """Make a deployment of this flow and run its due runs, `limit` at once, until SIGINT or SIGTERM.

        `name` is the flow's unless given. `global_limit` bounds its runs wherever they are served; it is another name
        of `concurrency_limit`. With `pause_on_shutdown` its schedules are paused at the end.
        """
        if global_limit is not None:
            options["concurrency_limit"] = global_limit
        from ostinato.runner.serving import serve

        serve(
            self.to_deployment(name or cast("Flow[..., Any]", self).name, **options),
            pause_on_shutdown=pause_on_shutdown,
            print_starting_message=print_starting_message,
            limit=limit,
            webserver=webserver,
        )

    def deploy(
        self,
        name: str,
        work_pool_name: str | None = None,
        image: str | DockerImage | None = None,
        build: bool = True,
        push: bool = True,
        *,
        print_next_steps: bool = True,
        ignore_warnings: bool = False,
        **options: Unpack[ServeOptions],
    ) -> Any:  # Any: the id; an awaitable of it in async code, so that `await flow.deploy(...)` works
        """Make a deployment of this flow in a work pool and return its id. As `ostinato.deployments.deploy`."""
        from ostinato.deployments.deploying import DeployOptions, deploy_plan
        from ostinato.utilities.paired import run

        chosen = DeployOptions(work_pool_name, image, build, push, print_next_steps, ignore_warnings)
        return run(_first(deploy_plan((self.to_deployment(name, **options),), chosen)))

    async def adeploy(
        self,
        name: str,
        work_pool_name: str | None = None,
        image: str | DockerImage | None = None,
        build: bool = True,
        push: bool = True,
        *,
        print_next_steps: bool = True,
        ignore_warnings: bool = False,
        **options: Unpack[ServeOptions],
    ) -> UUID:
        """Do as `deploy`, in an event loop."""
        from ostinato.deployments.deploying import DeployOptions, deploy_plan
        from ostinato.engine.drivers import adrive

        chosen = DeployOptions(work_pool_name, image, build, push, print_next_steps, ignore_warnings)
        return await adrive(_first(deploy_plan((self.to_deployment(name, **options),), chosen)))

    @staticmethod
    def from_source(source: Any, entrypoint: str) -> Any:  # Any: a path, URL, storage or block; the flow, see below
        """Return the flow at `entrypoint` (`path.py:flow`, below `source`), to be served or deployed from there.

        `source` is a folder, the URL of a git repository or of a place that fsspec reaches, a storage object, or a
        block with `get_directory`. In async code this returns an awaitable of the flow; `afrom_source` always does.
        Raises ValueError, RuntimeError if it cannot be fetched, or as `entrypoints.load_flow` does.
        """
        from ostinato.deployments.sources import load_plan
        from ostinato.utilities.paired import run

        return run(load_plan(source, entrypoint))

    @staticmethod
    async def afrom_source(source: Any, entrypoint: str) -> Flow[..., Any]:  # Any: as above
        """Do as `from_source`, in an event loop."""
        from ostinato.deployments.sources import aload_from

        return await aload_from(source, entrypoint)


def _first(plan: Plan[list[UUID]]) -> Plan[UUID]:
    return (yield from plan)[0]
