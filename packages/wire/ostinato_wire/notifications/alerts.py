"""Services that get people out of bed: PagerDuty and Opsgenie."""

from typing import ClassVar, Final, Literal

from ostinato_wire.base import JsonObject
from ostinato_wire.notifications.base import HttpRequest, TypedNotificationBlockData, cut, only_set, with_subject

_SEVERITIES: Final = {"warning": "warning", "failure": "critical"}
_PAGER_DUTY: Final = {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}
_OPSGENIE: Final = {"us": "https://api.opsgenie.com", "eu": "https://api.eu.opsgenie.com"}
_SUMMARY: Final = 1024
_TITLE: Final = 130
_DESCRIPTION: Final = 15_000
"""Characters that the services take."""


class PagerDutyWebHook(TypedNotificationBlockData):
    """An integration of PagerDuty, which is triggered
    (https://developer.pagerduty.com/docs/send-alert-event).
    """

    slug: ClassVar = "pager-duty-webhook"
    integration_key: str
    source: str | None = None
    component: str = "Notification"
    group: str | None = None
    class_id: str | None = None
    region_name: Literal["us", "eu"] = "us"
    clickable_url: str | None = None
    custom_details: dict[str, str] | None = None

    def requests(self, body: str, subject: str | None) -> list[HttpRequest]:
        """Return the request that triggers the incident."""
        payload: JsonObject = {
            "summary": cut(subject or body, _SUMMARY),
            "severity": _SEVERITIES.get(self.notify_type, "info"),
            "source": self.source or "Ostinato",
            "component": self.component,
            "custom_details": {"message": body} | (self.custom_details or {}),
        }
        payload |= only_set({"group": self.group, "class": self.class_id})
        content: JsonObject = {"routing_key": self.integration_key, "event_action": "trigger", "payload": payload}
        if self.clickable_url:
            content["links"] = [{"href": self.clickable_url}]
        return [HttpRequest(f"{_PAGER_DUTY[self.region_name]}/v2/enqueue", json=content)]


class OpsgenieWebhook(TypedNotificationBlockData):
    """An integration of Opsgenie, which makes an alert (https://docs.opsgenie.com/docs/alert-api#create-alert)."""

    slug: ClassVar = "opsgenie-webhook"
    apikey: str
    target_user: list[str] | None = None
    target_team: list[str] | None = None
    target_schedule: list[str] | None = None
    target_escalation: list[str] | None = None
    region_name: Literal["us", "eu"] = "us"
    batch: bool = False
    tags: list[str] | None = None
    priority: int | None = 3
    alias: str | None = None
    entity: str | None = None
    details: dict[str, str] | None = None

    def requests(self, body: str, subject: str | None) -> list[HttpRequest]:
        """Return the requests that make the alert: one, or one for each who is told."""
        content: JsonObject = {
            "message": cut(subject or body, _TITLE),
            "description": cut(with_subject(body, subject), _DESCRIPTION),
            "priority": f"P{min(max(self.priority or 3, 1), 5)}",
        }
        content |= only_set({"tags": self.tags, "alias": self.alias, "entity": self.entity, "details": self.details})
        responders = self._responders()
        told = [responders] if self.batch or not responders else [[one] for one in responders]
        url, headers = f"{_OPSGENIE[self.region_name]}/v2/alerts", {"Authorization": f"GenieKey {self.apikey}"}
        return [HttpRequest(url, headers=headers, json=content | only_set({"responders": them})) for them in told]

    def _responders(self) -> list[JsonObject]:
        return [
            *({"type": "user", "username": name} for name in self.target_user or ()),
            *({"type": "team", "name": name} for name in self.target_team or ()),
            *({"type": "schedule", "name": name} for name in self.target_schedule or ()),
            *({"type": "escalation", "name": name} for name in self.target_escalation or ()),
        ]
