"""Service level agreements of deployments and tags. Servers of the reference have none of these routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ostinato.client.operation import decode, encode, facts
from ostinato.client.plans.filters import body_of
from ostinato.client.steps import Plan, Request
from ostinato_wire.slas import DEPLOYMENT, Sla, SlaMergeResponse, SlaTypes

if TYPE_CHECKING:
    from uuid import UUID


def apply_slas(resource_id: str, slas: Sequence[SlaTypes]) -> Plan[SlaMergeResponse]:
    """Give a resource, as `prefect.deployment.<id>` or `prefect.tag.<tag>`, these agreements and no others."""
    with facts():
        body = encode([sla.model_dump(mode="json", exclude={"owner_resource"}) for sla in slas])
        response = yield Request("POST", f"/slas/apply-resource-slas/{resource_id}", body)
    return decode(response, SlaMergeResponse)


def apply_slas_for_deployment(deployment_id: UUID, slas: Sequence[SlaTypes]) -> Plan[SlaMergeResponse]:
    """Give a deployment these agreements and no others. Raises ObjectNotFound."""
    return apply_slas(f"{DEPLOYMENT}{deployment_id}", slas)


def set_sla(sla: SlaTypes) -> Plan[Sla]:
    """Give the owner of an agreement this one, or change that of its name. Raises ObjectNotFound."""
    with facts():
        response = yield Request("POST", "/slas/", encode(sla.model_dump(mode="json")))
    return decode(response, Sla)


def read_slas(owner_resource: str | None = None, limit: int | None = None, offset: int = 0) -> Plan[list[Sla]]:
    """Return agreements, all or those of one owner. Raises ObjectNotFound where the server keeps none."""
    with facts():
        body = body_of({}, owner_resource=owner_resource, limit=limit, offset=offset)
        response = yield Request("POST", "/slas/filter", encode(body))
    return decode(response, list[Sla])


def read_sla(sla_id: UUID) -> Plan[Sla]:
    """Return an agreement. Raises ObjectNotFound."""
    with facts():
        response = yield Request("GET", f"/slas/{sla_id}")
    return decode(response, Sla)


def switch_sla(sla_id: UUID, *, enabled: bool) -> Plan[None]:
    """Enable or disable an agreement. Raises ObjectNotFound."""
    with facts():
        yield Request("PATCH", f"/slas/{sla_id}", encode({"enabled": enabled}))


def delete_sla(sla_id: UUID) -> Plan[None]:
    """Delete an agreement. Raises ObjectNotFound."""
    with facts():
        yield Request("DELETE", f"/slas/{sla_id}")
