"""Files of patterns, in the manner of `.gitignore`, that say which files of a folder are left out of a copy."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class IgnoreRules:
    """Patterns of files to leave out; none leave out nothing."""

    patterns: list[str] = field(default_factory=list[str])

    @classmethod
    def read(cls, path: str | None) -> Self:
        """Return the rules in a file, or none. Raises OSError if it cannot be read."""
        return cls([] if path is None else Path(path).read_text().splitlines())

    def files_of(self, folder: Path) -> list[Path]:
        """Return every file below a folder that is to be copied, in order of their names."""
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return list(self._kept(files, folder))

    def _kept(self, files: Iterable[Path], folder: Path) -> Iterable[Path]:
        if not self.patterns:
            return files
        from pathspec import GitIgnoreSpec

        spec: Any = GitIgnoreSpec.from_lines(self.patterns)  # Any: generic over its patterns in untyped ways
        return (path for path in files if not spec.match_file(path.relative_to(folder).as_posix()))
