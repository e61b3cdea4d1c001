"""Background tasks: handing runs to task workers (`delay`), and the parts of the worker (`ostinato.task_worker`)."""
