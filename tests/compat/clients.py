"""The clients that are tested, versions of the reference's and our own SDK; `make compat` makes their environments."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONSTRAINTS = Path(__file__).parent / "constraints"
ENVIRONMENTS = ROOT / ".venv-clients"


OWN = "ostinato"
"""The name of our own SDK among the clients."""
SPEAKS = "3.8.4"
"""The version of the reference whose wire and public shapes our SDK has."""

_IMPORT = re.compile(r"^(?P<indent>\s*)from prefect(?=[. ])", re.MULTILINE)


@dataclass(frozen=True)
class Client:
    """A client in an environment of its own: a version of the reference's, or ours."""

    name: str

    @property
    def is_own(self) -> bool:
        """Whether it is our SDK."""
        return self.name == OWN

    @property
    def program(self) -> str:
        """The name of its command line."""
        return OWN if self.is_own else "prefect"

    @property
    def version(self) -> str:
        """The version of the reference whose features a scenario may expect of it."""
        return SPEAKS if self.is_own else self.name

    @property
    def python(self) -> Path:
        """The interpreter that imports this client."""
        return Path(sys.executable) if self.is_own else ENVIRONMENTS / self.name / "bin" / "python"

    @property
    def is_installed(self) -> bool:
        """Whether its environment stands."""
        return self.python.exists()

    def port(self, script: str) -> str:
        """Return a script for this client: a user of the reference who comes to us changes the imports, no more."""
        return _IMPORT.sub(rf"\g<indent>from {OWN}", script) if self.is_own else script


def all_clients() -> list[Client]:
    """Return the reference's clients that have pinned environments, oldest first, and our own."""
    versions = [path.stem for path in CONSTRAINTS.glob("*.txt")]
    versions.sort(key=lambda version: [int(number) for number in version.split(".")])
    return [*(Client(version) for version in versions), Client(OWN)]
