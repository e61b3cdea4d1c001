"""`ostinato deploy`: make or change deployments, from the project file, from options, or by questions."""

from pathlib import Path
from typing import Annotated, Any

import click
import typer
from typer.core import TyperCommand

from ostinato.cli import deploy_run, output
from ostinato.cli.deploy_options import overlay, read_triggers
from ostinato.cli.lazy import new_app
from ostinato.cli.params import argument, option, panel
from ostinato.cli.schedules import AnchorOption, CronOption, IntervalOption, RRuleOption, ZoneOption, when
from ostinato.cli.values import json_object, pairs
from ostinato.deployments.project.file import FILE, FORMER_FILE, Project, ProjectFileError

about, where = panel("About it"), panel("Where it runs")
how_many, parameter = panel("How many runs"), panel("Parameters")


class DeployCommand(TyperCommand):
    """`ostinato deploy`, of which `ostinato deploy init` is another name of `ostinato init`."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # Any: what click hands on
    ) -> click.Context:
        """Parse the arguments, or leave those after `init` to that command."""
        if args[:1] == ["init"]:
            from ostinato.cli.init import app as init_app

            return typer.main.get_command(init_app).make_context("init", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


app = new_app("Make or change deployments.")


@app.command(cls=DeployCommand)
def deploy(
    entrypoint: Annotated[
        str | None, argument(help="Where the flow is: `path.py:flow`, or `package.module.flow`.")
    ] = None,
    names: Annotated[
        list[str] | None,
        option("-n", "--name", help="Deployment of the file, `flow/name`, or a pattern with *; else a new name."),
    ] = None,
    deploy_all: Annotated[bool, option("--all", help="Every deployment of the file.")] = False,
    project_file: Annotated[
        str | None,
        option("--project-file", "--prefect-file", help=f"The project file; default: {FILE}, else {FORMER_FILE}."),
    ] = None,
    description: Annotated[str | None, about("-d", "--description", help="What it is for.")] = None,
    tag: Annotated[list[str] | None, about("-t", "--tag", help="Tag of its runs; repeatable.")] = None,
    version: Annotated[str | None, about("--version", help="Version; default: that of the flow.")] = None,
    version_type: Annotated[
        str | None,
        about("--version-type", help="Where versions come from: vcs:git, vcs:github, prefect:simple ..."),
    ] = None,
    pool: Annotated[str | None, where("-p", "--pool", help="Work pool; default: the setting.")] = None,
    queue: Annotated[str | None, where("-q", "--work-queue", help="Queue of the work pool.")] = None,
    image: Annotated[str | None, where("--image", help="Container image that holds the code.")] = None,
    job_variable: Annotated[
        list[str] | None,
        where("--job-variable", "-jv", help="Job variable as key=value or JSON; repeatable."),
    ] = None,
    cron: CronOption = None,
    interval: IntervalOption = None,
    rrule: RRuleOption = None,
    anchor_date: AnchorOption = None,
    timezone: ZoneOption = None,
    trigger: Annotated[
        list[str] | None,
        when("--trigger", help="Trigger as JSON, or a file of `triggers`; repeatable."),
    ] = None,
    concurrency_limit: Annotated[
        int | None,
        how_many("--concurrency-limit", "-cl", min=1, metavar="N", help="Runs at once at most."),
    ] = None,
    collision_strategy: Annotated[
        str | None,
        how_many("--collision-strategy", help="What becomes of more runs: ENQUEUE or CANCEL_NEW."),
    ] = None,
    max_queued: Annotated[
        int | None,
        how_many("--max-queued", min=1, metavar="N", help="Due runs that wait at most; older ones are skipped."),
    ] = None,
    param: Annotated[
        list[str] | None,
        parameter("--param", help="Parameter as key=value, the value JSON or else a text; repeatable."),
    ] = None,
    params: Annotated[str | None, parameter("--params", help="Parameters as a JSON object.")] = None,
    enforce_parameter_schema: Annotated[
        bool | None,
        panel("Schema of the parameters")(
            "--enforce-parameter-schema/--no-enforce-parameter-schema", help="Refuse wrong parameters, or not."
        ),
    ] = None,
    sla: Annotated[
        list[str] | None, when("--sla", help="Service level agreement as a JSON object; repeatable.")
    ] = None,
) -> None:
    """Make or change deployments. Workers of their work pools run them.

    What the project file says of a deployment is overridden by the options.
    """
    if param and params:
        output.fail("Give --param or --params, not both.")
    if deploy_all and names:
        output.fail("Give --name or --all, not both.")
    given = overlay(
        entrypoint=None if entrypoint is None else _relative(entrypoint),
        description=description,
        version=version,
        version_type=version_type,
        tags=tag,
        concurrency=(concurrency_limit, collision_strategy),
        pool=(pool, queue, pairs("--job-variable", job_variable or ()) | ({"image": image} if image else {})),
        crons=cron,
        intervals=interval,
        rrules=rrule,
        anchor=anchor_date,
        zone=timezone,
        triggers=read_triggers(trigger or ()),
        parameters=json_object("--params", params) if params else pairs("--param", param or ()),
        enforce_parameter_schema=enforce_parameter_schema,
        max_queued=max_queued,
        sla=[json_object("--sla", text) for text in sla or ()],
    )
    try:
        project = Project.find(Path.cwd(), project_file)
    except ProjectFileError as error:
        output.fail(str(error))
    deploy_run.deploy(project, names or [], deploy_all, given)


def _relative(entrypoint: str) -> str:
    """Return the entrypoint with its path relative to the working directory, where workers will go to."""
    path, colon, name = entrypoint.rpartition(":")
    if colon and Path(path).is_absolute() and Path(path).is_relative_to(Path.cwd()):
        return f"{Path(path).relative_to(Path.cwd()).as_posix()}:{name}"
    return entrypoint
