"""How the documentation is built: Sphinx reads Markdown, and pages of settings, commands and names are generated."""

import re
import sys
from importlib.metadata import version as version_of
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from generators import commands, docstrings, files, names, settings  # noqa: E402 - found by the path above

project = "Ostinato"
author = "The Ostinato authors"
copyright = author
version = release = version_of("ostinato")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "generators", "reference/generated/settings_*"]

html_theme = "furo"
html_title = f"Ostinato {release}"
html_static_path = ["static"]
html_css_files = ["ostinato.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "monokai"

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 4
myst_fence_as_directive = ["mermaid"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88


def setup(app: Sphinx) -> None:
    """Let the pages be generated before they are read."""
    app.add_directive("mermaid", files.Diagram)
    app.connect("builder-inited", _generate)
    app.connect("source-read", files.point_at_the_repository)
    app.connect("autodoc-process-signature", _without_plans)
    # before napoleon, which makes field lists of sections
    app.connect("autodoc-process-docstring", docstrings.to_restructured_text, priority=400)
    for language in ("caddyfile", "haproxy"):
        app.add_lexer(language, TextLexer)


def _generate(app: Sphinx) -> None:
    pages = settings.pages() | commands.pages() | names.pages()
    files.write(HERE / "reference" / "generated", pages)


def _without_plans(*args: object) -> tuple[str | None, str | None]:
    """Show what a public function returns, not the plan of steps that it is made of."""
    signature, returned = (item if isinstance(item, str) else None for item in args[5:7])
    return signature, re.sub(r"^(?:[\w.]+\.)?Plan\[(.*)\]$", r"\1", returned) if returned else returned
