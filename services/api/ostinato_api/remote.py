"""From where a request comes."""

from aiohttp import web

from ostinato_api.deps import SERVICES


def remote_of(request: web.Request) -> str:
    """Return the client's address: behind proxies, what the first of those that are the server's own has written."""
    proxies = request.app[SERVICES].settings.api_proxies
    if proxies:
        passed = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        # Whatever stands further to the left is the client's own word.
        if len(passed) >= proxies and (address := passed[-proxies].strip()):
            return address
    return request.remote or ""
