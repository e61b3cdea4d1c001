"""What templates and leases need: data of blocks, values of variables, renewal of leases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ostinato.client.errors import OstinatoHTTPStatusError
from ostinato.client.operation import decode, encode, facts
from ostinato.client.steps import Plan, Request
from ostinato_wire.base import JsonObject

if TYPE_CHECKING:
    from uuid import UUID

SECRETS = {"include_secrets": "true"}


def read_block_data(block_type_slug: str, name: str) -> Plan[JsonObject]:
    """Return the data of a block, secrets in clear. Raises ObjectNotFound."""
    path = f"/block_types/slug/{block_type_slug}/block_documents/name/{name}"
    with facts():
        response = yield Request("GET", path, query=SECRETS)
    return decode(response, JsonObject).get("data") or {}


def read_block_document_data(block_document_id: UUID) -> Plan[JsonObject]:
    """Return the data of a block, secrets in clear. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/block_documents/{block_document_id}", query=SECRETS)
    return decode(response, JsonObject).get("data") or {}


def read_variable_value(name: str) -> Plan[Any]:  # Any: any JSON value
    """Return the value of a variable; None if there is no such variable."""
    try:
        response = yield Request("GET", f"/variables/name/{name}")
    except OstinatoHTTPStatusError as error:
        if error.status == 404:
            return None
        raise
    return decode(response, JsonObject).get("value")


def renew_concurrency_lease(lease_id: UUID, lease_duration: float) -> Plan[None]:
    """Keep the slots of a lease for `lease_duration` more seconds. Raises ObjectNotFound if it is gone."""
    with facts():
        yield Request(
            "POST", f"/v2/concurrency_limits/leases/{lease_id}/renew", encode({"lease_duration": lease_duration})
        )
