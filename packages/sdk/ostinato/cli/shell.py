"""`ostinato shell`: commands of the shell as flow runs."""

import asyncio
from typing import TYPE_CHECKING, Annotated

from ostinato.cli import output
from ostinato.cli.connection import telling
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option

if TYPE_CHECKING:
    from ostinato.deployments.definition import RunnerDeployment
    from ostinato.runner.runner import Runner

app = new_app("Run commands of the shell as flow runs.")

TAG = "shell"

Command = Annotated[str, argument(help="The command, as one argument: 'ls -l | wc -l'.")]
StreamOption = Annotated[
    bool, option("--stream-stdout/--no-stream-stdout", help="Show its output as it comes, not at the end.")
]
TagOption = Annotated[list[str] | None, option("--tag", help=f"Tag of the runs, besides `{TAG}`; repeatable.")]


@app.command()
def watch(
    command: Command,
    log_output: Annotated[
        bool, option("--log-output/--no-log-output", help="Log its output; else it is printed here only.")
    ] = True,
    flow_run_name: Annotated[str | None, option("--flow-run-name", help="Name of the run.")] = None,
    flow_name: Annotated[str, option("--flow-name", help="Name of the flow.")] = "Shell Command",
    stream_stdout: StreamOption = True,
    tag: TagOption = None,
) -> None:
    """Run a command as a flow run, here and now; ends with 1 if the command fails."""
    from ostinato.context import tags  # late: other commands do not need the engine
    from ostinato.shell import run_command

    observed = run_command.with_options(name=flow_name, flow_run_name=flow_run_name)
    with telling(), tags(TAG, *(tag or ())):
        state = observed(command, log_output, stream_stdout, return_state=True)
    if not state.is_completed():
        output.fail(state.message or f"The run ended as {state.name}.")
    output.succeed("The command succeeded.")


@app.command()
def serve(
    command: Command,
    flow_name: Annotated[str, option("--flow-name", help="Name of the flow.")],
    deployment_name: Annotated[
        str, option("--deployment-name", help="Name of the deployment.")
    ] = "CLI Runner Deployment",
    tag: TagOption = None,
    log_output: Annotated[bool, option("--log-output/--no-log-output", help="Log its output.")] = True,
    stream_stdout: StreamOption = True,
    cron_schedule: Annotated[
        str | None, option("--cron-schedule", help="Run at the times of a cron expression.")
    ] = None,
    timezone: Annotated[str | None, option("--timezone", help="Time zone of the schedule, as Europe/Berlin.")] = None,
    concurrency_limit: Annotated[
        int | None, option("--concurrency-limit", min=1, help="Runs at once at most, anywhere.")
    ] = None,
    run_once: Annotated[bool, option("--run-once", help="Run what is due now, then end.")] = False,
) -> None:
    """Make a deployment of a command and run its due runs here, until Ctrl-C or SIGTERM."""
    if timezone is not None and cron_schedule is None:
        output.fail("--timezone is for --cron-schedule.")
    from ostinato.deployments.definition import MODULE_PATH, RunnerDeployment
    from ostinato.exceptions import DeploymentApplyError
    from ostinato.runner.runner import Runner
    from ostinato.runner.serving import serve as serve_deployments
    from ostinato.schedules import Cron
    from ostinato.shell import run_command

    try:
        deployment = RunnerDeployment.from_flow(
            run_command.with_options(name=flow_name),
            deployment_name,
            parameters={"command": command, "log_output": log_output, "stream_stdout": stream_stdout},
            schedules=[Cron(cron_schedule, timezone=timezone)] if cron_schedule else None,
            tags=[TAG, *(tag or ())],
            concurrency_limit=concurrency_limit,
            entrypoint_type=MODULE_PATH,
        )
        with telling():
            if run_once:
                asyncio.run(_once(Runner(), deployment))
            else:
                serve_deployments(deployment)
    except (ValueError, DeploymentApplyError) as error:
        output.fail(str(error))


async def _once(runner: "Runner", deployment: "RunnerDeployment") -> None:
    await runner.aadd_deployment(deployment)
    await runner.start(run_once=True)
