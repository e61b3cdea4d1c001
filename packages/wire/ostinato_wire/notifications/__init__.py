"""Notification blocks: their data, and the requests by which each sends a message. SDK and server share them."""

from typing import Final

from ostinato_wire.notifications.alerts import OpsgenieWebhook, PagerDutyWebHook
from ostinato_wire.notifications.base import HttpRequest, NotificationBlockData
from ostinato_wire.notifications.chats import DiscordWebhook, MattermostWebhook, MicrosoftTeamsWebhook, SlackWebhook
from ostinato_wire.notifications.custom import CustomWebhook
from ostinato_wire.notifications.messages import SendgridEmail, TwilioSMS

NOTIFICATION_BLOCKS: Final[dict[str, type[NotificationBlockData]]] = {
    kind.slug: kind
    for kind in (
        CustomWebhook,
        DiscordWebhook,
        MattermostWebhook,
        MicrosoftTeamsWebhook,
        OpsgenieWebhook,
        PagerDutyWebHook,
        SendgridEmail,
        SlackWebhook,
        TwilioSMS,
    )
}
"""The data of each notification block by the slug of its type."""

__all__ = ["NOTIFICATION_BLOCKS", "HttpRequest", "NotificationBlockData"]
