"""Deploying to a work pool: any worker of the pool, here one that starts processes, runs the flow.

ostinato work-pool create example --type process
python examples/work_pool.py
ostinato worker start --pool example              # in another terminal; it goes on until Ctrl-C
ostinato deployment run count-words/from-pool --watch
"""

from pathlib import Path

from ostinato import flow
from ostinato.flows import Flow


@flow(log_prints=True)
def count_words(text: str = "the quick brown fox") -> int:
    """Count the words of a text."""
    print(f"{len(text.split())} words, counted in {Path.cwd()}")
    return len(text.split())


if __name__ == "__main__":
    here = Path(__file__)
    Flow.from_source(here.parent, f"{here.name}:count_words").deploy(
        "from-pool",
        work_pool_name="example",
        parameters={"text": "one two three"},
        job_variables={"env": {"OSTINATO_LOGGING_LEVEL": "DEBUG"}},
    )
