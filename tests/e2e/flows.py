"""Flows that tests run as users do, in processes of their own, with either product's SDK."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.e2e.stack import Stack
from tests.support.clients import Product, python_of

ADDING = """
import sys, time
import {product} as product

@product.task
def add(x):
    time.sleep(float(sys.argv[1]))
    return x + 1

@product.flow(log_prints=True)
def adding():
    for x in range(int(sys.argv[2])):
        print("adding", x)
        assert add(x) == x + 1

adding.with_options(flow_run_name=sys.argv[3])() if len(sys.argv) > 3 else adding()
"""


def start(stack: Stack, folder: Path, product: Product, *arguments: str) -> subprocess.Popen[str]:
    """Start the flow `adding` in a process: seconds a task takes, number of tasks, and perhaps the run's name."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "adding.py"
    program.write_text(ADDING.format(product=product))
    return subprocess.Popen(
        [python_of(product), str(program), *arguments],
        env=stack.client_environment(product, folder),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(processes: Sequence[subprocess.Popen[str]], seconds: float = 240) -> list[str]:
    """Wait for flows and return what they printed; fails where one did not succeed."""
    printed: list[str] = []
    try:
        for process in processes:
            output, _ = process.communicate(timeout=seconds)
            assert process.returncode == 0, output[-4000:]
            printed.append(output)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return printed
