"""What is set up on the showcase's server before anything runs."""

from typing import Any

import httpx

Json = dict[str, Any]  # Any: JSON

POOLS = (
    ("kubernetes-eu", "kubernetes", 20),
    ("nightly-batch", "docker", 4),
    ("laptops", "process", None),
)
PARAMETERS = {
    "type": "object",
    "required": ["day"],
    "properties": {
        "day": {"type": "string", "format": "date", "title": "day", "position": 0},
        "currency": {"enum": ["EUR", "USD"], "default": "EUR", "title": "currency", "position": 1},
        "countries": {"type": "array", "items": {"type": "string"}, "title": "countries", "position": 2},
        "dry_run": {"type": "boolean", "default": False, "title": "dry_run", "position": 3},
    },
}
README = """Adds up what was sold the day before, and tells the board.

- source: the shops' order services
- owner: **finance-data**, [runbook](https://wiki.example.com/revenue)
"""
# flow, deployment, pool, schedules, tags, description
DEPLOYMENTS: tuple[tuple[str, str, str, list[Json], list[str], str], ...] = (
    ("daily-revenue", "production", "kubernetes-eu", [{"cron": "0 5 * * *", "timezone": "Europe/Berlin"}],
     ["finance", "prod"], README),
    ("invoice-export", "every-half-hour", "kubernetes-eu", [{"interval": 1800}], ["finance", "prod"], ""),
    ("customer-sync", "hourly", "kubernetes-eu", [{"cron": "15 * * * *", "timezone": "UTC"}], ["crm", "prod"], ""),
    ("quality-checks", "on-demand", "kubernetes-eu", [], ["finance"], ""),
    ("model-training", "weekly", "nightly-batch", [{"rrule": "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2;BYMINUTE=0;BYSECOND=0",
     "timezone": "Asia/Singapore"}], ["ml", "gpu"], ""),
    ("warehouse-backup", "nightly", "nightly-batch", [{"cron": "30 1 * * *", "timezone": "Europe/Berlin"}],
     ["ops", "prod"], ""),
    ("ad-spend", "staging", "laptops", [], ["marketing"], ""),
)  # fmt: skip
VARIABLES: tuple[tuple[str, Any, list[str]], ...] = (
    ("currency", "EUR", ["finance"]),
    ("warehouse", {"host": "warehouse.example.com", "schema": "revenue", "ssl": True}, ["prod"]),
    ("countries", ["AT", "DE", "ES", "FR", "IT", "NL", "PL", "SE"], ["finance"]),
    ("feature_new_rates", False, []),
)
GITHUB = '{"event": "github.push", "resource": {"prefect.resource.id": "github.{{ body.repository.full_name }}"}}'
PAYMENT = '{"event": "payment.received", "resource": {"prefect.resource.id": "customer.{{ body.customer }}"}}'


class Showcase:
    """The objects, by their names, as they are made."""

    def __init__(self, api_url: str) -> None:
        """Speak to an API."""
        self.api_url = api_url
        self._client = httpx.Client(base_url=api_url, timeout=60)
        self.ids: dict[str, str] = {}

    def ask(self, path: str, body: object = None, method: str = "POST") -> Any:  # Any: JSON
        """Send a request; raises `httpx.HTTPStatusError` where it is refused."""
        answer = self._client.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def make(self, name: str, path: str, body: Json) -> str:
        """Make an object, and remember its id under a name."""
        self.ids[name] = self.ask(path, body)["id"]
        return self.ids[name]

    def set_up(self) -> None:
        """Make all that stands there before the first run."""
        for name, kind, limit in POOLS:
            self.make(f"pool {name}", "/work_pools/", {"name": name, "type": kind, "concurrency_limit": limit})
        self.make("queue", "/work_pools/kubernetes-eu/queues", {"name": "urgent", "priority": 1})
        self._make_deployments()
        self._make_configuration()
        self._make_watching()

    def find(self) -> None:
        """Remember what came of the runs: a task, an artifact and an event."""
        run = {"flow_runs": {"id": {"any_": [self.ids["run daily-revenue"]]}}}
        tasks = {"task_runs": {"name": {"like_": "load"}}}
        self.ids["task"] = self.ask("/task_runs/filter", {**run, **tasks})[0]["id"]
        artifacts = {"artifacts": {"key": {"any_": ["revenue-report"]}}}
        self.ids["artifact"] = self.ask("/artifacts/filter", artifacts)[0]["id"]
        events = {"filter": {"event": {"name": ["prefect.flow-run.Failed"]}}, "limit": 1}
        self.ids["event"] = self.ask("/events/filter", events)["events"][0]["id"]

    def beat(self) -> None:
        """Let workers be heard, and their pools be served."""
        for pool, workers in {"kubernetes-eu": ["eu-1", "eu-2"], "nightly-batch": ["batch-1"]}.items():
            for worker in workers:
                beat = {"name": f"worker-{worker}", "heartbeat_interval_seconds": 600}
                self.ask(f"/work_pools/{pool}/workers/heartbeat", beat)
            self.ask(f"/work_pools/{pool}/get_scheduled_flow_runs", {"limit": 1})
        served = [self.ids[f"deployment {flow}"] for flow, _, pool, *_ in DEPLOYMENTS if pool != "laptops"]
        self.ask("/deployments/get_scheduled_flow_runs", {"deployment_ids": served, "limit": 1})

    def _make_deployments(self) -> None:
        for flow, name, pool, schedules, tags, description in DEPLOYMENTS:
            flow_id = self.make(f"flow {flow}", "/flows/", {"name": flow, "tags": tags[:1]})
            body = {
                "flow_id": flow_id,
                "name": name,
                "work_pool_name": pool,
                "schedules": [{"schedule": each} for each in schedules],
                "tags": tags,
                "description": description,
                "version": "2026.11.3",
                "entrypoint": f"flows/{flow.replace('-', '_')}.py:{flow.replace('-', '_')}",
                "parameter_openapi_schema": PARAMETERS if flow == "daily-revenue" else {},
                "parameters": {"day": "2026-11-22"} if flow == "daily-revenue" else {},
                "pull_steps": [
                    {"prefect.deployments.steps.git_clone": {"repository": "https://git.example.com/flows"}}
                ],
            }
            self.make(f"deployment {flow}", "/deployments/", body)

    def _make_configuration(self) -> None:
        for name, value, tags in VARIABLES:
            self.ask("/variables/", {"name": name, "value": value, "tags": tags})
        self.ask("/block_types/install_system_block_types", {})
        self._make_block("warehouse-password", "secret", {"value": "not shown"})
        self._make_block("on-call", "slack-webhook", {"url": "https://hooks.example.com/services/on-call"})
        self.make("limit", "/v2/concurrency_limits/", {"name": "warehouse-connections", "limit": 5})
        self.ask("/v2/concurrency_limits/", {"name": "shop-api", "limit": 10, "slot_decay_per_second": 2})
        self.ask("/concurrency_limits/", {"tag": "gpu", "concurrency_limit": 2})

    def _make_block(self, name: str, slug: str, data: Json) -> None:
        kind = self.ask("/block_types/filter", {"block_types": {"slug": {"any_": [slug]}}})[0]["id"]
        schema = self.ask("/block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [kind]}}})[0]["id"]
        body = {"name": name, "data": data, "block_type_id": kind, "block_schema_id": schema}
        self.make(f"block {name}", "/block_documents/", body)

    def _make_watching(self) -> None:
        rerun = {"type": "run-deployment", "source": "selected", "deployment_id": self.ids["deployment quality-checks"]}
        crash = {
            "name": "Check quality after a crash",
            "description": "A crash in the middle of a load leaves half of it.",
            "trigger": _trigger("prefect.flow-run.*", "prefect.flow-run.Crashed"),
            "actions": [rerun],
        }
        self.make("automation", "/automations/", crash)
        slack = {
            "type": "send-notification",
            "block_document_id": self.ids["block on-call"],
            "subject": "{{ work_pool.name }} has no worker",
            "body": "Look at {{ work_pool|ui_url }}",
        }
        trigger = _trigger("prefect.work-pool.*", "prefect.work-pool.not-ready")
        call = {"name": "Tell who is on call", "trigger": trigger, "actions": [slack], "enabled": False}
        self.ask("/automations/", call)
        hook = {"name": "github-push", "template": GITHUB, "signature": "github", "secret": "kept-in-the-vault-0123"}
        self.make("webhook", "/webhooks/", {**hook, "description": "A push to the flows' repository"})
        self.ask("/webhooks/", {"name": "payments", "template": PAYMENT, "description": "From the payment service"})
        owner = f"prefect.deployment.{self.ids['deployment daily-revenue']}"
        agreements: list[Json] = [
            {"name": "done-by-breakfast", "duration": 3600, "severity": "high"},
            {"name": "every-day", "stale_after": 90_000, "severity": "critical"},
        ]
        self.ask(f"/slas/apply-resource-slas/{owner}", agreements)
        self.ids["sla"] = self.ask("/slas/filter", {"owner_resource": owner})[0]["id"]
        self._make_incidents()

    def _make_incidents(self) -> None:
        resource = {"prefect.resource.id": f"prefect.deployment.{self.ids['deployment invoice-export']}"}
        open_one = {
            "name": "Invoices do not reach the customers",
            "severity": "high",
            "tags": ["finance"],
            "summary": "The host key of files.example.com has changed. Since then each upload is refused.",
            "related_resources": [{**resource, "prefect.resource.name": "every-half-hour"}],
        }
        found = self.make("incident", "/incidents/", open_one)
        self.ask(f"/incidents/{found}/comments", {"text": "Asked their operators: the new key comes by mail."})
        old = self.ask("/incidents/", {"name": "Warehouse was full", "severity": "moderate"})["id"]
        self.ask(f"/incidents/{old}/resolve", {})


def _trigger(resource: str, event: str) -> Json:
    return {
        "type": "event",
        "posture": "Reactive",
        "match": {"prefect.resource.id": resource},
        "expect": [event],
        "for_each": ["prefect.resource.id"],
        "threshold": 1,
        "within": 0,
    }
