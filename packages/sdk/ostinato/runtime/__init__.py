"""What the code that is running may want to know of its run: `runtime.flow_run`, `.task_run` and `.deployment`."""

from ostinato.runtime import deployment, flow_run, task_run

__all__ = ["deployment", "flow_run", "task_run"]
