"""Processes of users, with either product's SDK."""

import os
import sys
from pathlib import Path
from typing import Final, Literal

from tests.support.server import REFERENCE_VENV

Product = Literal["ostinato", "prefect"]
PRODUCTS: Final[tuple[Product, ...]] = ("ostinato", "prefect")


def python_of(product: Product) -> str:
    """Return the interpreter that has the product."""
    return sys.executable if product == "ostinato" else str(REFERENCE_VENV / "bin" / "python")


def client_environment(product: Product, api_url: str, home: Path) -> dict[str, str]:
    """Return the environment of a process that is pointed at an API, and at nothing else."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("OSTINATO_", "PREFECT_"))}
    prefix = product.upper()
    return own | {f"{prefix}_API_URL": api_url, f"{prefix}_HOME": str(home), "DO_NOT_TRACK": "1"}
