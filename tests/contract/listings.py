"""Which operations list, page, count and delete in bulk, and by what they sort (behaviour.md, section 4)."""

SORTS = {
    "/flows/filter": ["NAME_ASC", "NAME_DESC", "CREATED_DESC", "UPDATED_DESC"],
    "/flow_runs/filter": [
        "ID_DESC", "START_TIME_ASC", "START_TIME_DESC", "EXPECTED_START_TIME_ASC", "EXPECTED_START_TIME_DESC",
        "NAME_ASC", "NAME_DESC", "NEXT_SCHEDULED_START_TIME_ASC", "END_TIME_DESC",
    ],
    "/task_runs/filter": [
        "ID_DESC", "EXPECTED_START_TIME_ASC", "EXPECTED_START_TIME_DESC", "NAME_ASC", "NAME_DESC",
        "NEXT_SCHEDULED_START_TIME_ASC", "END_TIME_DESC",
    ],
    "/deployments/filter": ["NAME_ASC", "NAME_DESC", "CREATED_DESC", "UPDATED_DESC"],
    "/logs/filter": ["TIMESTAMP_ASC", "TIMESTAMP_DESC"],
    "/artifacts/filter": ["ID_DESC", "CREATED_DESC", "UPDATED_DESC", "KEY_DESC", "KEY_ASC"],
    "/artifacts/latest/filter": ["ID_DESC", "CREATED_DESC", "UPDATED_DESC", "KEY_DESC", "KEY_ASC"],
    "/variables/filter": ["NAME_ASC", "NAME_DESC", "CREATED_DESC", "UPDATED_DESC"],
    "/block_documents/filter": ["NAME_ASC", "NAME_DESC", "BLOCK_TYPE_AND_NAME_ASC"],
    "/automations/filter": ["NAME_ASC", "NAME_DESC", "CREATED_DESC", "UPDATED_DESC"],
}  # fmt: skip
"""Path of a listing -> its sorts."""

UNSORTED = [
    "/saved_searches/filter", "/concurrency_limits/filter", "/v2/concurrency_limits/filter", "/block_types/filter",
    "/block_schemas/filter", "/work_pools/filter", "/work_pools/{work_pool_name}/queues/filter",
    "/work_pools/{work_pool_name}/workers/filter", "/work_queues/filter",
]  # fmt: skip
"""Listings whose order is fixed."""

LISTINGS = [*SORTS, *UNSORTED]
PAGES = ["/flows/paginate", "/flow_runs/paginate", "/task_runs/paginate", "/deployments/paginate"]
STATUS_PAGES = ["/work_pools/{name}/concurrency_status", "/work_queues/{id}/concurrency_status"]
"""Pages within one object."""

COUNTS = [
    "/flows/count", "/flow_runs/count", "/task_runs/count", "/flow_runs/lateness", "/deployments/count",
    "/work_pools/count", "/artifacts/count", "/artifacts/latest/count", "/variables/count", "/block_documents/count",
    "/automations/count", "/ui/task_runs/count",
]  # fmt: skip

BULK = ["/flows/bulk_delete", "/flow_runs/bulk_delete", "/flow_runs/bulk_set_state", "/deployments/bulk_delete"]

POLLS = [
    "/deployments/get_scheduled_flow_runs", "/work_pools/{name}/get_scheduled_flow_runs", "/work_queues/{id}/get_runs",
]  # fmt: skip
"""How runners, workers and agents ask for runs that are due."""
