"""Chats: Slack, Microsoft Teams, Discord and Mattermost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from pydantic import Field, SecretStr

from ostinato.blocks.notifications.base import Message, TypedNotificationBlock, with_subject

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    url: SecretStr = Field(
        default=..., title="Webhook URL", description="The address of the webhook.",
        examples=["https://hooks.slack.com/XXX"],
    )  # fmt: skip
    allow_private_urls: bool = Field(default=True, description=_PRIVATE)

    def messages(self, body: str, subject: str | None) -> Sequence[Message]:
        """Return the request that writes the message."""
        text = f"*{subject}*\n{body}" if subject else body
        return [Message(self.url.get_secret_value(), {"json": {"text": text}})]


class MicrosoftTeamsWebhook(TypedNotificationBlock):
    """Writes to a channel of Microsoft Teams by a workflow of Power Automate.

    Example:
        ```python
        from ostinato.blocks.notifications import MicrosoftTeamsWebhook

        MicrosoftTeamsWebhook.load("my-channel").notify("All is done.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Microsoft Teams Webhook"
    _block_type_slug: ClassVar[str | None] = "ms-teams-webhook"

    url: SecretStr = Field(default=..., title="Webhook URL", description="The address of the workflow.")
    allow_private_urls: bool = Field(default=True, description=_PRIVATE)
    include_image: bool = Field(default=True, description="Not used: messages have no picture.")
    wrap: bool = Field(default=True, description="Whether long lines are wrapped.")

    def messages(self, body: str, subject: str | None) -> Sequence[Message]:
        """Return the request that shows the message as a card."""
        blocks: list[dict[str, Any]] = [{"type": "TextBlock", "text": body, "wrap": self.wrap}]  # Any: JSON
        if subject:
            heading = {"type": "TextBlock", "text": subject, "style": "heading", "weight": "Bolder", "wrap": self.wrap}
            blocks.insert(0, heading)
        card = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
        attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        content = {"type": "message", "attachments": [attachment]}
        return [Message(self.url.get_secret_value(), {"json": content})]


class DiscordWebhook(TypedNotificationBlock):
    """Writes to a channel of Discord by a webhook.

    Example:
        ```python
        from ostinato.blocks.notifications import DiscordWebhook

        DiscordWebhook.load("my-channel").notify("All is done.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Discord Webhook"

    webhook_id: SecretStr = Field(default=..., description="The number in the address of the webhook.")
    webhook_token: SecretStr = Field(default=..., description="The last part of the address of the webhook.")
    botname: str | None = Field(default=None, title="Bot name", description="Who the message is from.")
    tts: bool = Field(default=False, description="Whether the message is read aloud.")
    include_image: bool = Field(default=False, description="Not used: messages have no picture.")
    avatar: bool = Field(default=False, description="Whether the picture of the sender is `avatar_url`.")
    avatar_url: str | None = Field(default=None, title="Avatar URL", description="The picture of the sender.")

    def messages(self, body: str, subject: str | None) -> Sequence[Message]:
        """Return the request that writes the message."""
        path = f"{self.webhook_id.get_secret_value()}/{self.webhook_token.get_secret_value()}"
        content: dict[str, Any] = {  # Any: JSON
            "content": f"**{subject}**\n{body}" if subject else body,
            "tts": self.tts,
        }
        if self.botname:
            content["username"] = self.botname
        if self.avatar_url:
            content["avatar_url"] = self.avatar_url
        return [Message(f"https://discord.com/api/webhooks/{path}", {"json": content})]


class MattermostWebhook(TypedNotificationBlock):
    """Writes to channels of a Mattermost server by a webhook.

    Example:
        ```python
        from ostinato.blocks.notifications import MattermostWebhook

        MattermostWebhook.load("my-channel").notify("All is done.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Mattermost Webhook"

    hostname: str = Field(default=..., description="The server.", examples=["chat.example.com"])
    secure: bool = Field(default=False, description="Whether it is called by https.")
    token: SecretStr = Field(default=..., description="The last part of the address of the webhook.")
    botname: str | None = Field(default=None, title="Bot name", description="Who the message is from.")
    channels: list[str] | None = Field(default=None, description="The channels; default: that of the webhook.")
    include_image: bool = Field(default=False, description="Not used: messages have no picture.")
    path: str | None = Field(default=None, description="What comes before `/hooks` in the address.")
    port: int = Field(default=8065, description="The port of the server.")

    def messages(self, body: str, subject: str | None) -> Sequence[Message]:
        """Return the requests that write the message, one for each channel."""
        base = f"{'https' if self.secure else 'http'}://{self.hostname}:{self.port}"
        path = f"/{self.path.strip('/')}" if self.path and self.path.strip("/") else ""
        url = f"{base}{path}/hooks/{quote(self.token.get_secret_value(), safe='')}"
        content = {"text": with_subject(body, f"#### {subject}" if subject else None)}
        if self.botname:
            content["username"] = self.botname
        places: list[dict[str, str]] = [{"channel": channel} for channel in self.channels or ()] or [{}]
        return [Message(url, {"json": content | place}) for place in places]
