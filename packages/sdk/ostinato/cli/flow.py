"""`ostinato flow`: look at flows, and serve them."""

from typing import Annotated

from ostinato.cli import output
from ostinato.cli.connection import server
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option
from ostinato.cli.schedules import AnchorOption, CronOption, IntervalOption, RRuleOption, ZoneOption, schedules
from ostinato_wire.flows import FlowSort

app = new_app("Look at flows, and serve them.")


@app.callback()
def group() -> None:
    """Look at flows, and serve them."""


@app.command()
def serve(
    entrypoint: Annotated[str, argument(help="Where the flow is: `path.py:flow`.")],
    name: Annotated[str, option("-n", "--name", help="Name of the deployment.")],
    description: Annotated[str | None, option("-d", "--description", help="What it is for.")] = None,
    version: Annotated[str | None, option("-v", "--version", help="Version; default: that of the flow.")] = None,
    tag: Annotated[list[str] | None, option("-t", "--tag", help="Tag of its runs; repeatable.")] = None,
    cron: CronOption = None,
    interval: IntervalOption = None,
    rrule: RRuleOption = None,
    anchor_date: AnchorOption = None,
    timezone: ZoneOption = None,
    pause_on_shutdown: Annotated[
        bool, option("--pause-on-shutdown/--no-pause-on-shutdown", help="Pause its schedules at the end.")
    ] = True,
    limit: Annotated[int | None, option("--limit", min=1, help="Runs at once at most here.")] = None,
    global_limit: Annotated[int | None, option("--global-limit", min=1, help="Runs at once at most anywhere.")] = None,
    webserver: Annotated[
        bool, option("--webserver", help="Serve GET /health, GET /run_count and POST /shutdown.")
    ] = False,
) -> None:
    """Make a deployment of a flow and run its due runs here, until Ctrl-C or SIGTERM."""
    from ostinato.deployments.definition import RunnerDeployment
    from ostinato.exceptions import DeploymentApplyError, MissingFlowError, ScriptError
    from ostinato.runner.serving import serve as serve_deployments

    try:
        deployment = RunnerDeployment.from_entrypoint(
            entrypoint,
            name,
            schedules=schedules(cron, interval, rrule, anchor_date, timezone) or None,
            description=description,
            version=version,
            tags=tag or [],
            concurrency_limit=global_limit,
        )
        serve_deployments(deployment, pause_on_shutdown=pause_on_shutdown, limit=limit, webserver=webserver)
    except (ValueError, ScriptError, MissingFlowError, DeploymentApplyError) as error:
        output.fail(str(error))


@app.command("ls")
def list_flows(
    limit: Annotated[int, option("--limit", min=1, max=200, help="How many flows at most.")] = 15,
    as_json: output.OutputOption = None,
) -> None:
    """List flows, the newest first."""
    with server() as client:
        flows = client.read_flows(limit=limit, sort=FlowSort.CREATED_DESC)
    if as_json:
        output.print_json([flow.model_dump(mode="json") for flow in flows])
        return
    rows = [(str(flow.id), output.plain(flow.name), output.relative(flow.created)) for flow in flows]
    output.print_table("Flows", ["ID", "Name", "Created"], rows)
