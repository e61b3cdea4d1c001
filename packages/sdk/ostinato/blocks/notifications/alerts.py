"""Services that get people out of bed: PagerDuty and Opsgenie."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import AnyUrl, Field, SecretStr

from ostinato.blocks.notifications.base import TypedNotificationBlock
from ostinato_wire.notifications import alerts as wire


class PagerDutyWebHook(TypedNotificationBlock):
    """Triggers an incident of PagerDuty.

    Example:
        ```python
        from ostinato.blocks.notifications import PagerDutyWebHook

        PagerDutyWebHook.load("on-call").notify("The import failed.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Pager Duty Webhook"
    _shared: ClassVar = wire.PagerDutyWebHook

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


class OpsgenieWebhook(TypedNotificationBlock):
    """Makes an alert of Opsgenie.

    Example:
        ```python
        from ostinato.blocks.notifications import OpsgenieWebhook

        OpsgenieWebhook.load("on-call").notify("The import failed.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Opsgenie Webhook"
    _shared: ClassVar = wire.OpsgenieWebhook

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
