"""Bulk jobs: one change of all flow runs that match a filter, worked off by the server. An extension of the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ostinato.client.operation import decode, encode, facts
from ostinato.client.plans.filters import body_of
from ostinato.client.steps import Plan, Request
from ostinato.exceptions import ObjectNotFound
from ostinato_wire.bulk_jobs import BulkJob, BulkJobPreview

if TYPE_CHECKING:
    from uuid import UUID

    from ostinato_wire.bulk_jobs import BulkJobCreate, BulkJobFilter, BulkJobPreviewQuery


def preview_bulk_job(body: BulkJobPreviewQuery) -> Plan[BulkJobPreview]:
    """Return how many flow runs a bulk job would be about. Raises ObjectNotFound where a server knows no such jobs."""
    with facts():
        response = yield Request("POST", "/bulk_jobs/preview", encode(body))
    return decode(response, BulkJobPreview)


def create_bulk_job(body: BulkJobCreate) -> Plan[BulkJob]:
    """Have all flow runs that match changed. Raises ObjectAlreadyExists while too many jobs wait or run."""
    with facts():
        response = yield Request("POST", "/bulk_jobs/", encode(body))
    return decode(response, BulkJob)


def read_bulk_job(job_id: UUID) -> Plan[BulkJob | None]:
    """Return a bulk job; None if there is none of this id."""
    try:
        with facts():
            response = yield Request("GET", f"/bulk_jobs/{job_id}")
    except ObjectNotFound:
        return None
    return decode(response, BulkJob)


def read_bulk_jobs(
    job_filter: BulkJobFilter | None = None, limit: int | None = None, offset: int = 0
) -> Plan[list[BulkJob]]:
    """Return bulk jobs that meet the filter, the newest first."""
    response = yield Request(
        "POST", "/bulk_jobs/filter", encode(body_of({}, bulk_jobs=job_filter, limit=limit, offset=offset))
    )
    return decode(response, list[BulkJob])


def stop_bulk_job(job_id: UUID) -> Plan[BulkJob]:
    """Leave the flow runs as they are whose turn has not come. Raises ObjectNotFound, and ObjectAlreadyExists if the
    job has ended.
    """
    with facts():
        response = yield Request("POST", f"/bulk_jobs/{job_id}/stop", b"{}")
    return decode(response, BulkJob)
