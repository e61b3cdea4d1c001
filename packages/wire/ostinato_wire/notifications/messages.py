"""Messages to single people: text messages by Twilio, mail by Sendgrid."""

from typing import ClassVar, Final
from urllib.parse import quote

from ostinato_wire.notifications.base import HttpRequest, TypedNotificationBlockData, cut, with_subject

DEFAULT_SUBJECT: Final = "Notification"
_TEXT_MESSAGE: Final = 1600
"""Characters that Twilio takes."""


class TwilioSMS(TypedNotificationBlockData):
    """Text messages by Twilio (https://www.twilio.com/docs/messaging/api/message-resource#create-a-message)."""

    slug: ClassVar = "twilio-sms"
    account_sid: str
    auth_token: str
    from_phone_number: str
    to_phone_numbers: list[str]

    def requests(self, body: str, subject: str | None) -> list[HttpRequest]:
        """Return the requests that send the message, one for each number."""
        url = f"https://api.twilio.com/2010-04-01/Accounts/{quote(self.account_sid, safe='')}/Messages.json"
        content = {
            "From": _number(self.from_phone_number),
            "Body": cut(with_subject(body, subject), _TEXT_MESSAGE),
        }
        return [
            HttpRequest(url, basic_auth=(self.account_sid, self.auth_token), form=content | {"To": _number(number)})
            for number in self.to_phone_numbers
        ]


def _number(text: str) -> str:
    digits = text.strip()
    return digits if digits.startswith("+") else f"+{digits}"


class SendgridEmail(TypedNotificationBlockData):
    """Mail by Sendgrid (https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send)."""

    slug: ClassVar = "sendgrid-email"
    api_key: str
    sender_email: str
    to_emails: list[str]

    def requests(self, body: str, subject: str | None) -> list[HttpRequest]:
        """Return the request that sends one mail to each address."""
        content = {
            "personalizations": [{"to": [{"email": address}]} for address in self.to_emails],
            "from": {"email": self.sender_email},
            "subject": subject or DEFAULT_SUBJECT,
            "content": [{"type": "text/plain", "value": body}],
        }
        headers = {"Authorization": f"Bearer {self.api_key}"}
        return [HttpRequest("https://api.sendgrid.com/v3/mail/send", headers=headers, json=content)]
