"""Blocks that tell people something: chats, alerting services, messages and mail, each by its HTTP interface."""

from ostinato.blocks.abstract import NotificationBlock, NotificationError
from ostinato.blocks.notifications.alerts import OpsgenieWebhook, PagerDutyWebHook
from ostinato.blocks.notifications.base import HttpNotificationBlock, Message
from ostinato.blocks.notifications.chats import DiscordWebhook, MattermostWebhook, MicrosoftTeamsWebhook, SlackWebhook
from ostinato.blocks.notifications.custom import CustomWebhookNotificationBlock
from ostinato.blocks.notifications.mail import SendgridEmail, TwilioSMS

__all__ = [
    "CustomWebhookNotificationBlock",
    "DiscordWebhook",
    "HttpNotificationBlock",
    "MattermostWebhook",
    "Message",
    "MicrosoftTeamsWebhook",
    "NotificationBlock",
    "NotificationError",
    "OpsgenieWebhook",
    "PagerDutyWebHook",
    "SendgridEmail",
    "SlackWebhook",
    "TwilioSMS",
]
