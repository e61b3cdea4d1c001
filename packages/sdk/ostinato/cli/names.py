"""Names of objects that the server knows: for "did you mean", and to complete arguments with."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import NoReturn
from uuid import UUID

import httpx
from pydantic import ValidationError

from ostinato.cli import output
from ostinato.cli.lazy import did_you_mean
from ostinato.client import get_client
from ostinato.client.orchestration import SyncOstinatoClient
from ostinato.client.paging import PAGE
from ostinato.exceptions import OstinatoError
from ostinato_wire.block_documents import BlockDocumentSort
from ostinato_wire.filters import AnyOrNotId
from ostinato_wire.flows import FlowFilter

SUGGESTIONS = 3

Names = Callable[[SyncOstinatoClient], list[str]]


def deployment_names(client: SyncOstinatoClient) -> list[str]:
    """Return names of deployments as `flow/deployment`."""
    found = client.read_deployments(limit=PAGE)
    flows = flow_names(client, {item.flow_id for item in found})
    return [f"{flows.get(item.flow_id, '')}/{item.name}" for item in found]


def flow_names(client: SyncOstinatoClient, ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of flows by their ids, of which there may be any number."""
    wanted = sorted(ids)
    names: dict[UUID, str] = {}
    for start in range(0, len(wanted), PAGE):
        part = wanted[start : start + PAGE]
        found = client.read_flows(flow_filter=FlowFilter(id=AnyOrNotId(any_=part)), limit=len(part))
        names |= {flow.id: flow.name for flow in found}
    return names


def _block_names(client: SyncOstinatoClient) -> list[str]:
    sort = BlockDocumentSort.BLOCK_TYPE_AND_NAME_ASC
    found = client.read_block_documents(PAGE, 0, include_secrets=False, sort=sort)
    return [f"{item.block_type.slug}/{item.name}" for item in found if item.block_type is not None]


NAMES: dict[str, Names] = {
    "Artifact": lambda client: [item.key for item in client.read_latest_artifacts(limit=PAGE) if item.key],
    "Automation": lambda client: [item.name for item in client.read_automations()],
    "Block": _block_names,
    "Bulk job": lambda client: [str(item.id) for item in client.read_bulk_jobs(limit=PAGE)],
    "Block type": lambda client: [item.slug for item in client.read_block_types(limit=PAGE)],
    "Concurrency limit": lambda client: [item.name for item in client.read_global_concurrency_limits()],
    "Concurrency limit of tag": lambda client: [item.tag for item in client.read_concurrency_limits(PAGE, 0)],
    "Deployment": deployment_names,
    "Flow": lambda client: [item.name for item in client.read_flows(limit=PAGE)],
    "Incident": lambda client: [str(item.id) for item in client.read_incidents(limit=PAGE)],
    "Variable": lambda client: [item.name for item in client.read_variables(limit=PAGE)],
    "Webhook": lambda client: [str(item.id) for item in client.read_webhooks(limit=PAGE)],
    "Work pool": lambda client: [item.name for item in client.read_work_pools(limit=PAGE)],
    "Work queue": lambda client: [item.name for item in client.read_work_queues(limit=PAGE)],
}
"""What an object is called in messages -> the names that there are; of very many, the first."""

LISTS = {
    "Concurrency limit": "global-concurrency-limit ls",
    "Concurrency limit of tag": "concurrency-limit ls",
    "Block type": "block type ls",
    "Bulk job": "bulk-job ls --all",
    "Deployment schedule": "deployment schedule ls",
    "Delivery": "automation deliveries",
}
"""The command that lists them, where it is not the noun's own."""


def not_found(noun: str, key: object) -> NoReturn:
    """End the command that names an object which is not there; tell what it may have meant, and where to look."""
    close = similar(noun, str(key))
    output.fail(f"{noun} '{key}' not found.{did_you_mean(close) or f' See: ostinato {_list_of(noun)}'}")


def _list_of(noun: str) -> str:
    return LISTS.get(noun, f"{noun.lower().replace(' ', '-')} ls")


def similar(noun: str, key: str) -> list[str]:
    """Return names of objects that are spelled nearly as `key`, the nearest first."""
    names = known(noun)
    by_lower = {name.lower(): name for name in names}
    close = get_close_matches(key.lower(), by_lower, n=SUGGESTIONS, cutoff=0.7)
    # Of a path often only the last part is remembered, or given.
    ends = [name for name in names if "/" in name and name.rpartition("/")[2].lower() == key.rpartition("/")[2].lower()]
    return list(dict.fromkeys([*(by_lower[name] for name in close), *ends]))[:SUGGESTIONS]


def known(noun: str) -> list[str]:
    """Return the names of objects of a kind; none if the server does not tell, for this is only a help."""
    read = NAMES.get(noun)
    if read is None:
        return []
    try:
        with get_client(sync_client=True) as client:
            return read(client)
    except (OstinatoError, httpx.HTTPError, httpx.InvalidURL, ValidationError, ValueError, OSError):
        return []
