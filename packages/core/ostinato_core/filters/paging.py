"""Pages of lists."""

from ostinato_core.states.rows import JsonDict


def page_json(results: list[JsonDict], count: int, limit: int, page: int) -> JsonDict:
    """Return a page as the API answers it; `count` is of all rows that match."""
    pages = -(-count // limit) if limit else 0
    return {"results": results, "count": count, "limit": limit, "pages": pages, "page": page}
