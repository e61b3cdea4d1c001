"""Everything of a server that is copied, in the order of its dependencies."""

from collections.abc import Iterator

from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.client.paging import every
from ostinato.transfer import blocks, simple, work
from ostinato.transfer.items import Item
from ostinato_wire.work_pools import WorkPool


def collect(source: SyncOstinatoClient, with_secrets: bool = False) -> list[Item]:
    """Return the items of a server; each comes after all that it names.

    Blocks that hold secrets are copied only `with_secrets`, which reads them in clear.
    """
    pools = every(lambda limit, offset: source.read_work_pools(limit=limit, offset=offset))
    flows = every(lambda limit, offset: source.read_flows(limit=limit, offset=offset))
    return [
        *blocks.items(source, with_secrets),
        *simple.variables(every(lambda limit, offset: source.read_variables(limit=limit, offset=offset))),
        *simple.limits(every(source.read_global_concurrency_limits)),
        *work.flows(flows),
        *work.pools(pools),
        *_queues(source, pools),
        *work.deployments(every(lambda limit, offset: source.read_deployments(limit=limit, offset=offset)), flows),
        *simple.automations(every(lambda limit, offset: source.read_automations(limit=limit, offset=offset))),
    ]


def _queues(source: SyncOstinatoClient, pools: list[WorkPool]) -> Iterator[Item]:
    for pool in pools:
        name = pool.name
        yield from work.queues(
            pool, every(lambda limit, offset, name=name: source.read_work_queues(name, limit, offset))
        )
