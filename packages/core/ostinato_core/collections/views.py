"""The views: JSON documents that clients read to offer kinds of work pools and blocks."""

from collections import defaultdict
from functools import cache

from ostinato_core.block_types.catalogue import VERSION, CataloguedBlock, catalogue
from ostinato_core.collections.workers import worker_types
from ostinato_core.errors import NotFound
from ostinato_core.states.rows import JsonDict
from ostinato_wire.block_checksum import checksum_of


class ViewNotFound(NotFound):
    """No view has the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"View {name} not found in registry")


@cache
def worker_view() -> JsonDict:
    """Return what is known of workers: `{<package>: {<type>: {...}}}`."""
    packages: defaultdict[str, JsonDict] = defaultdict(dict)
    for worker in worker_types():
        packages[worker.package][worker.type] = worker.metadata()
    return dict(packages)


@cache
def block_view() -> JsonDict:
    """Return what is known of blocks: `{<package>: {"block_types": {<slug>: {...}}}}`."""
    packages: defaultdict[str, JsonDict] = defaultdict(lambda: {"block_types": {}})
    for block in catalogue():
        packages[block.package]["block_types"][block.slug] = _block_metadata(block)
    return dict(packages)


def _block_metadata(block: CataloguedBlock) -> JsonDict:
    return {
        "name": block.name,
        "slug": block.slug,
        "description": block.description,
        "code_example": block.code_example,
        "documentation_url": "",
        "logo_url": "",
        "is_protected": block.is_protected,
        "block_schema": {
            "checksum": checksum_of(block.fields),
            "fields": block.fields,
            "capabilities": block.capabilities,
            "version": VERSION,
        },
    }


@cache
def flow_view() -> JsonDict:
    """Return what is known of flows that packages bring along: none are."""
    return {}


_VIEWS = {
    "aggregate-worker-metadata": worker_view,
    "aggregate-block-metadata": block_view,
    "aggregate-flow-metadata": flow_view,
}


def read_view(name: str) -> JsonDict:
    """Return a view. Errors: ViewNotFound."""
    if name not in _VIEWS:
        raise ViewNotFound(name)
    return _VIEWS[name]()
