"""Services that get people out of bed: PagerDuty and Opsgenie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import AnyUrl, Field, SecretStr

from ostinato.blocks.notifications.base import Message, TypedNotificationBlock, with_subject

if TYPE_CHECKING:
    from collections.abc import Sequence

# Any below: JSON.

_SEVERITIES = {"info": "info", "success": "info", "warning": "warning", "failure": "critical"}
_PAGER_DUTY = {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}
_OPSGENIE = {"us": "https://api.opsgenie.com", "eu": "https://api.eu.opsgenie.com"}
_SUMMARY = 1024
_TITLE = 130
"""Characters that the services take in a headline."""


class PagerDutyWebHook(TypedNotificationBlock):
    """Triggers an incident of PagerDuty.

    Example:
        ```python
        from ostinato.blocks.notifications import PagerDutyWebHook

        PagerDutyWebHook.load("on-call").notify("The import failed.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Pager Duty Webhook"

    integration_key: SecretStr = Field(default=..., description="The routing key of an Events API v2 integration.")
    api_key: SecretStr = Field(default=..., title="API Key", description="The key of the account.")
    source: str | None = Field(default="Prefect", description="What the incident comes from.")
    component: str = Field(default="Notification", description="The part of the source.")
    group: str | None = Field(default=None, description="The group of the incident.")
    class_id: str | None = Field(default=None, title="Class ID", description="The class of the incident.")
    region_name: Literal["us", "eu"] = Field(default="us", description="Where the account is.")
    clickable_url: AnyUrl | None = Field(default=None, title="Clickable URL", description="An address to look at.")
    include_image: bool = Field(default=True, description="Not used: incidents have no picture.")
    custom_details: dict[str, str] | None = Field(default=None, description="Further facts.")

    def messages(self, body: str, subject: str | None) -> Sequence[Message]:
        """Return the request that triggers the incident."""
        payload: dict[str, Any] = {
            "summary": (subject or body)[:_SUMMARY],
            "severity": _SEVERITIES[self.notify_type],
            "source": self.source or "Ostinato",
            "component": self.component,
            "custom_details": {"message": body} | (self.custom_details or {}),
        }
        payload |= {name: value for name, value in {"group": self.group, "class": self.class_id}.items() if value}
        content: dict[str, Any] = {
            "routing_key": self.integration_key.get_secret_value(),
            "event_action": "trigger",
            "payload": payload,
        }
        if self.clickable_url is not None:
            content["links"] = [{"href": str(self.clickable_url)}]
        return [Message(f"{_PAGER_DUTY[self.region_name]}/v2/enqueue", {"json": content})]


class OpsgenieWebhook(TypedNotificationBlock):
    """Makes an alert of Opsgenie.

    Example:
        ```python
        from ostinato.blocks.notifications import OpsgenieWebhook

        OpsgenieWebhook.load("on-call").notify("The import failed.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Opsgenie Webhook"

    apikey: SecretStr = Field(default=..., title="API Key", description="The key of the account.")
    target_user: list[str] | None = Field(default=None, description="Users who are told.")
    target_team: list[str] | None = Field(default=None, description="Teams that are told.")
    target_schedule: list[str] | None = Field(default=None, description="Schedules whose people are told.")
    target_escalation: list[str] | None = Field(default=None, description="Escalations that begin.")
    region_name: Literal["us", "eu"] = Field(default="us", description="Where the account is.")
    batch: bool = Field(default=False, description="Whether all are told by one alert, or by one each.")
    tags: list[str] | None = Field(default=None, description="Tags of the alert.")
    priority: int | None = Field(default=3, description="From 1, critical, to 5.")
    alias: str | None = Field(default=None, description="The alias by which alerts are joined.")
    entity: str | None = Field(default=None, description="What the alert is about.")
    details: dict[str, str] | None = Field(default=None, description="Further facts.")

    def messages(self, body: str, subject: str | None) -> Sequence[Message]:
        """Return the requests that make the alert."""
        content: dict[str, Any] = {
            "message": (subject or body)[:_TITLE],
            "description": with_subject(body, subject),
            "priority": f"P{min(max(self.priority or 3, 1), 5)}",
        }
        optional = {"tags": self.tags, "alias": self.alias, "entity": self.entity, "details": self.details}
        content |= {name: value for name, value in optional.items() if value}
        headers = {"Authorization": f"GenieKey {self.apikey.get_secret_value()}"}
        responders = self._responders()
        told = [responders] if self.batch or not responders else [[one] for one in responders]
        url = f"{_OPSGENIE[self.region_name]}/v2/alerts"
        return [Message(url, {"headers": headers, "json": content | _telling(them)}) for them in told]

    def _responders(self) -> list[dict[str, str]]:
        return [
            *({"type": "user", "username": name} for name in self.target_user or ()),
            *({"type": "team", "name": name} for name in self.target_team or ()),
            *({"type": "schedule", "name": name} for name in self.target_schedule or ()),
            *({"type": "escalation", "name": name} for name in self.target_escalation or ()),
        ]


def _telling(responders: list[dict[str, str]]) -> dict[str, Any]:
    return {"responders": responders} if responders else {}
