"""`ostinato dashboard`: the web UI."""

import webbrowser

from ostinato.cli import output
from ostinato.cli.connection import ui_page
from ostinato.cli.lazy import new_app

app = new_app("Open the web UI.")


@app.callback()
def group() -> None:
    """Open the web UI."""


@app.command("open")
def open_ui() -> None:
    """Open the web UI in the browser."""
    url = ui_page("dashboard")
    if url is None:
        output.fail("There is no UI to open: set OSTINATO_UI_URL, or OSTINATO_API_URL to derive it from.")
    webbrowser.open_new_tab(url)
    output.succeed(f"Opened {url}")
