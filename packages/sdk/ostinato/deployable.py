"""What a flow can do beside being called: be served, deployed, and loaded from where its code is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, cast

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from ostinato.deployments.definition import DeploymentOptions, RunnerDeployment, ServeOptions
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
        webserver: bool = False,
        **options: Unpack[ServeOptions],
    ) -> None:
        """Make a deployment of this flow and run its due runs, `limit` at once, until SIGINT or SIGTERM.

        `name` is the flow's unless given. With `pause_on_shutdown` its schedules are paused at the end.
        """
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
        image: str | None = None,
        *,
        print_next_steps: bool = True,
        **options: Unpack[ServeOptions],
    ) -> Any:  # Any: the id; an awaitable of it in async code, so that `await flow.deploy(...)` works
        """Make a deployment of this flow in a work pool and return its id. As `ostinato.deployments.deploy`."""
        from ostinato.deployments.deploying import adeploy, deploy
        from ostinato.utilities.dispatch import in_async_code

        deployment = self.to_deployment(name, **options)
        if not in_async_code():
            ids: list[UUID] = deploy(
                deployment, work_pool_name=work_pool_name, image=image, print_next_steps=print_next_steps
            )
            return ids[0]

        async def deploy_one() -> UUID:
            made = await adeploy(
                deployment, work_pool_name=work_pool_name, image=image, print_next_steps=print_next_steps
            )
            return made[0]

        return deploy_one()

    async def adeploy(
        self,
        name: str,
        work_pool_name: str | None = None,
        image: str | None = None,
        **options: Unpack[ServeOptions],
    ) -> UUID:
        """Do as `deploy`, in an event loop."""
        from ostinato.deployments.deploying import adeploy

        ids = await adeploy(self.to_deployment(name, **options), work_pool_name=work_pool_name, image=image)
        return ids[0]

    @staticmethod
    def from_source(source: str | Path | CodeStorage, entrypoint: str) -> Flow[..., Any]:
        """Return the flow at `entrypoint` (`path.py:flow`, below `source`), to be served or deployed from there.

        `source` is a folder of this machine or a storage object. Raises as `entrypoints.load_flow` does.
        """
        from ostinato.deployments.sources import load_from

        return load_from(source, entrypoint)
