"""Print what houses need beside one another, a requirement a line: an image installs that first, in a layer of its own.

`python dependencies.py HOUSE...`, where each HOUSE is a folder with a pyproject.toml.
"""

import sys
import tomllib
from pathlib import Path

for house in sys.argv[1:]:
    project = tomllib.loads(Path(house, "pyproject.toml").read_text())["project"]
    for requirement in project["dependencies"]:
        if not requirement.startswith("ostinato"):
            print(requirement)  # noqa: T201 - this is what it is for
