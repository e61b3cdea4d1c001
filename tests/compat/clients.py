"""The versions of the client that are tested, and their environments, which `make compat` makes."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONSTRAINTS = Path(__file__).parent / "constraints"
ENVIRONMENTS = ROOT / ".venv-clients"


@dataclass(frozen=True)
class Client:
    """One version of the client, in an environment of its own."""

    version: str

    @property
    def python(self) -> Path:
        """The interpreter that imports this client."""
        return ENVIRONMENTS / self.version / "bin" / "python"

    @property
    def is_installed(self) -> bool:
        """Whether its environment stands."""
        return self.python.exists()


def all_clients() -> list[Client]:
    """Return the clients that have pinned environments, oldest first."""
    versions = [path.stem for path in CONSTRAINTS.glob("*.txt")]
    return [Client(version) for version in sorted(versions, key=lambda version: [int(x) for x in version.split(".")])]
