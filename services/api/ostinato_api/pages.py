"""The web UI: built files from a folder, and its one page for every address that a browser opens.

The page finds everything by addresses relative to its own, so that it works below any path of any proxy.
"""

import hashlib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from ostinato_core.settings import ServerSettings

PAGE_HANDLERS = web.AppKey("page_handlers", set[Any])  # Any: a handler, as aiohttp types it
"""The handlers of all pages: they hold nothing secret, so that a browser may load them before anybody has logged in."""

INDEX: Final = "index.html"
BASE_MARK: Final = '<base href="./" />'
API_MARK: Final = '<meta name="ostinato-api" content="api" />'
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""Of files with a checksum in their names."""
CHECKSUMMED: Final = "assets/"
CONTENT_POLICY: Final = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
NOT_BUILT: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Ostinato</title>
<h1>The web UI has not been built</h1>
<p>This server runs from a source tree, where the UI is built by a command of its own. Run <code>make ui</code>
(Node.js 20.19 or newer) and reload this page.</p>
<p>The API is served, and can be browsed: <a href="{docs}">{docs}</a>.</p></html>
"""


def add_to(app: web.Application, folder: Path, settings: ServerSettings) -> None:
    """Serve the UI that was built into `folder` beside the API; where none was built, say how to."""
    root, _, name = settings.api_base_path.rstrip("/").rpartition("/")
    if not name:
        return  # Everything below the root is the API.
    pages = Pages(folder, root, name, settings.ui_api_url or name)
    app[PAGE_HANDLERS].add(pages.serve)
    app.router.add_get(f"{root}/{{page:(?!{name}(?:/|$)).*}}", pages.serve)


@dataclass(frozen=True, slots=True)
class Build:
    """What one build has left in the folder: its files by their names, and its page."""

    stamp: int
    files: dict[str, Path]
    page: str


class Pages:
    """The UI as it was built last: who builds it anew need not restart the server."""

    def __init__(self, folder: Path, root: str, name: str, api: str) -> None:
        """`root` is the path below which the UI is served, `name` what the API is called there, `api` its address."""
        self._folder = folder
        self._segments = root.count("/")
        self._docs = f"{name}/docs"
        self._api = api
        self._headers = {**HEADERS, "Content-Security-Policy": _content_policy(api), "Cache-Control": "no-cache"}
        self._known: Build | None = None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer with a file, or with the page where a browser opens an address of the UI."""
        name = request.match_info["page"]
        build = self._build()
        if build is not None and (file := build.files.get(name)) is not None:
            caching = FOR_EVER if name.startswith(CHECKSUMMED) else "no-cache"
            return web.FileResponse(file, headers={**HEADERS, "Cache-Control": caching})
        if name.startswith(CHECKSUMMED) or not _is_page_load(request):
            return _not_found()
        if build is None:
            # As the page's own links: relative, whatever stands in front of this server.
            text = NOT_BUILT.format(docs=self._way_back(request) + self._docs)
            return web.Response(text=text, content_type="text/html", headers=self._headers)
        return self._answer_page(request, build.page)

    def _build(self) -> Build | None:
        """Return the build that is there now. Nothing but its files has a name that can be asked for."""
        try:
            stamp = (self._folder / INDEX).stat().st_mtime_ns
        except FileNotFoundError:
            return None
        if self._known is None or self._known.stamp != stamp:
            files = {
                path.relative_to(self._folder).as_posix(): path for path in self._folder.rglob("*") if path.is_file()
            }
            page = files.pop(INDEX).read_text(encoding="utf-8")
            self._known = Build(
                stamp, files, page.replace(API_MARK, API_MARK.replace('"api"', f'"{escape(self._api)}"'))
            )
        return self._known

    def _way_back(self, request: web.Request) -> str:
        # As the browser counts: of the path that it sent. A proxy may have cut off its beginning.
        return "../" * (request.rel_url.raw_path.count("/") - self._segments - 1)

    def _answer_page(self, request: web.Request, page: str) -> web.Response:
        text = page.replace(BASE_MARK, f'<base href="{self._way_back(request) or "./"}" />')
        tag = hashlib.sha256(text.encode()).hexdigest()[:32]
        headers = {**self._headers, "ETag": f'"{tag}"'}
        if any(given.value == tag for given in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(text=text, content_type="text/html", headers=headers)


def _not_found() -> web.Response:
    # No exception: that would let the path be tried with another slash, which these routes match as well.
    return web.json_response({"detail": "Not Found"}, status=404)


def _is_page_load(request: web.Request) -> bool:
    """Whether a browser wants to show the answer; programs that look for a file or an operation are told 404."""
    return "text/html" in request.headers.get("Accept", "")


def _content_policy(api: str) -> str:
    """Return what pages may load: of other hosts only the API, where it has been given an address of its own."""
    address = urlsplit(api)
    if not address.netloc:
        return CONTENT_POLICY
    socket = "wss" if address.scheme == "https" else "ws"
    return f"{CONTENT_POLICY}; connect-src 'self' {address.scheme}://{address.netloc} {socket}://{address.netloc}"
