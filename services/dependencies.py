"""Print what houses need beside one another, a requirement a line: an image installs that first, in a layer of its own.

`python dependencies.py HOUSE...`, where each HOUSE is a folder with a pyproject.toml, and extras of it: `folder[a,b]`.
"""

import sys
import tomllib
from pathlib import Path

for house in sys.argv[1:]:
    folder, _, extras = house.removesuffix("]").partition("[")
    project = tomllib.loads(Path(folder, "pyproject.toml").read_text())["project"]
    optional = [name for extra in filter(None, extras.split(",")) for name in project["optional-dependencies"][extra]]
    for requirement in [*project["dependencies"], *optional]:
        if not requirement.startswith("ostinato"):
            print(requirement)  # noqa: T201 - this is what it is for
