"""What a server tells of itself at `/metrics`."""

from tests.support.client import Api


async def told_to_wait(api: Api) -> float:
    """Return how many requests a server has answered with 503 since it was started."""
    lines = (await api.get("/metrics")).body.decode().splitlines()
    found = [line for line in lines if line.startswith("ostinato_http_requests_total") and 'status="503"' in line]
    return sum(float(line.rsplit(" ", 1)[1]) for line in found)
