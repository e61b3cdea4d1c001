"""Chats: Slack, Microsoft Teams, Discord and Mattermost."""

from typing import ClassVar, Final
from urllib.parse import quote

from ostinato_wire.base import JsonObject
from ostinato_wire.notifications.base import HttpRequest, TypedNotificationBlockData, cut, only_set, with_subject

_SLACK: Final = 40_000
_DISCORD: Final = 2000
_MATTERMOST: Final = 16_383
_TEAMS: Final = 20_000
"""Characters that the services take in a message; of Teams' 28 KB some go to the card."""


class SlackWebhook(TypedNotificationBlockData):
    """An incoming webhook of Slack (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)."""

    slug: ClassVar = "slack-webhook"
    url: str

    def requests(self, body: str, subject: str | None) -> list[HttpRequest]:
        """Return the request that writes the message."""
        text = with_subject(body, f"*{subject}*" if subject else None)
        return [HttpRequest(self.url, json={"text": cut(text, _SLACK)})]


class MicrosoftTeamsWebhook(TypedNotificationBlockData):
    """A workflow of Power Automate that posts an adaptive card to a channel of Microsoft Teams
    (https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using).
    """

    slug: ClassVar = "ms-teams-webhook"
    url: str
    wrap: bool = True

    def requests(self, body: str, subject: str | None) -> list[HttpRequest]:
        """Return the request that shows the message as a card."""
        blocks: list[JsonObject] = [{"type": "TextBlock", "text": cut(body, _TEAMS), "wrap": self.wrap}]
        if subject:
            heading = {"type": "TextBlock", "text": subject, "style": "heading", "weight": "Bolder", "wrap": self.wrap}
            blocks.insert(0, heading)
        card = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
        attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        return [HttpRequest(self.url, json={"type": "message", "attachments": [attachment]})]


class DiscordWebhook(TypedNotificationBlockData):
    """A webhook of Discord (https://discord.com/developers/docs/resources/webhook#execute-webhook)."""

    slug: ClassVar = "discord-webhook"
    webhook_id: str
    webhook_token: str
    botname: str | None = None
    tts: bool = False
    avatar_url: str | None = None

    def requests(self, body: str, subject: str | None) -> list[HttpRequest]:
        """Return the request that writes the message."""
        text = with_subject(body, f"**{subject}**" if subject else None)
        path = f"{quote(self.webhook_id, safe='')}/{quote(self.webhook_token, safe='')}"
        content: JsonObject = {"content": cut(text, _DISCORD), "tts": self.tts}
        content |= only_set({"username": self.botname, "avatar_url": self.avatar_url})
        return [HttpRequest(f"https://discord.com/api/webhooks/{path}", json=content)]


class MattermostWebhook(TypedNotificationBlockData):
    """An incoming webhook of a Mattermost server (https://developers.mattermost.com/integrate/webhooks/incoming)."""

    slug: ClassVar = "mattermost-webhook"
    hostname: str
    secure: bool = False
    token: str
    botname: str | None = None
    channels: list[str] | None = None
    path: str | None = None
    port: int = 8065

    def requests(self, body: str, subject: str | None) -> list[HttpRequest]:
        """Return the requests that write the message, one for each channel."""
        base = f"{'https' if self.secure else 'http'}://{self.hostname}:{self.port}"
        path = f"/{self.path.strip('/')}" if self.path and self.path.strip("/") else ""
        url = f"{base}{path}/hooks/{quote(self.token, safe='')}"
        text = with_subject(body, f"#### {subject}" if subject else None)
        content: JsonObject = {"text": cut(text, _MATTERMOST)} | only_set({"username": self.botname})
        places: list[JsonObject] = [{"channel": channel} for channel in self.channels or ()] or [{}]
        return [HttpRequest(url, json=content | place) for place in places]
