"""Chats: Slack, Microsoft Teams, Discord and Mattermost."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from ostinato.blocks.notifications.base import TypedNotificationBlock
from ostinato_wire.notifications import chats as wire

_PRIVATE = "Whether addresses of private networks may be called."


class SlackWebhook(TypedNotificationBlock):
    """Writes to a channel of Slack by an incoming webhook.

    Example:
        ```python
        from ostinato.blocks.notifications import SlackWebhook

        SlackWebhook.load("my-channel").notify("All is done.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Slack Webhook"
    _shared: ClassVar = wire.SlackWebhook

    url: SecretStr = Field(
        default=..., title="Webhook URL", description="The address of the webhook.",
        examples=["https://hooks.slack.com/XXX"],
    )  # fmt: skip
    allow_private_urls: bool = Field(default=True, description=_PRIVATE)


class MicrosoftTeamsWebhook(TypedNotificationBlock):
    """Writes to a channel of Microsoft Teams by a workflow of Power Automate.

    Example:
        ```python
        from ostinato.blocks.notifications import MicrosoftTeamsWebhook

        MicrosoftTeamsWebhook.load("my-channel").notify("All is done.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Microsoft Teams Webhook"
    _shared: ClassVar = wire.MicrosoftTeamsWebhook
    _block_type_slug: ClassVar[str | None] = "ms-teams-webhook"

    url: SecretStr = Field(default=..., title="Webhook URL", description="The address of the workflow.")
    allow_private_urls: bool = Field(default=True, description=_PRIVATE)
    include_image: bool = Field(default=True, description="Not used: messages have no picture.")
    wrap: bool = Field(default=True, description="Whether long lines are wrapped.")


class DiscordWebhook(TypedNotificationBlock):
    """Writes to a channel of Discord by a webhook.

    Example:
        ```python
        from ostinato.blocks.notifications import DiscordWebhook

        DiscordWebhook.load("my-channel").notify("All is done.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Discord Webhook"
    _shared: ClassVar = wire.DiscordWebhook

    webhook_id: SecretStr = Field(default=..., description="The number in the address of the webhook.")
    webhook_token: SecretStr = Field(default=..., description="The last part of the address of the webhook.")
    botname: str | None = Field(default=None, title="Bot name", description="Who the message is from.")
    tts: bool = Field(default=False, description="Whether the message is read aloud.")
    include_image: bool = Field(default=False, description="Not used: messages have no picture.")
    avatar: bool = Field(default=False, description="Whether the picture of the sender is `avatar_url`.")
    avatar_url: str | None = Field(default=None, title="Avatar URL", description="The picture of the sender.")


class MattermostWebhook(TypedNotificationBlock):
    """Writes to channels of a Mattermost server by a webhook.

    Example:
        ```python
        from ostinato.blocks.notifications import MattermostWebhook

        MattermostWebhook.load("my-channel").notify("All is done.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Mattermost Webhook"
    _shared: ClassVar = wire.MattermostWebhook

    hostname: str = Field(default=..., description="The server.", examples=["chat.example.com"])
    secure: bool = Field(default=False, description="Whether it is called by https.")
    token: SecretStr = Field(default=..., description="The last part of the address of the webhook.")
    botname: str | None = Field(default=None, title="Bot name", description="Who the message is from.")
    channels: list[str] | None = Field(default=None, description="The channels; default: that of the webhook.")
    include_image: bool = Field(default=False, description="Not used: messages have no picture.")
    path: str | None = Field(default=None, description="What comes before `/hooks` in the address.")
    port: int = Field(default=8065, description="The port of the server.")
