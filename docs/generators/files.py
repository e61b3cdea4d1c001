"""Writes generated pages, and fits the repository's own files into the site."""

import re
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive

REPOSITORY = Path(__file__).parents[2]

_OUTSIDE = re.compile(r"\[(?P<text>[^\]]+)\]\((?P<target>(?:\.\./)+[^)#]+)\)")


class Diagram(Directive):
    """A Mermaid diagram, shown as its text: what draws it would be fetched from elsewhere by the reader's browser."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the text of the diagram."""
        text = "\n".join(self.content)
        return [nodes.literal_block(text, text, language="text")]


def write(folder: Path, pages: dict[str, str]) -> None:
    """Write pages by their path in `folder`, unchanged ones not again; remove those that are no longer generated."""
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in folder.rglob("*.md"):
        if str(path.relative_to(folder)) not in pages:
            path.unlink()


def point_at_the_repository(app: object, name: str, source: list[str]) -> None:
    """Turn links to files outside of the documentation, which the site does not have, into their names.

    A link to a file that does not exist stays, so that the build fails.
    """
    folder = (REPOSITORY / "docs" / name).parent

    def shown(link: re.Match[str]) -> str:
        target = (folder / link["target"]).resolve()
        outside = not target.is_relative_to(REPOSITORY / "docs")
        return f"`{target.relative_to(REPOSITORY)}`" if outside and target.exists() else link[0]

    source[0] = _OUTSIDE.sub(shown, source[0])
