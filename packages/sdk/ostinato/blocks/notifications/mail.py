"""Messages to single people: text messages by Twilio, mail by Sendgrid."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, SecretStr

from ostinato.blocks.notifications.base import Message, TypedNotificationBlock, with_subject

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_SUBJECT = "Notification"


class TwilioSMS(TypedNotificationBlock):
    """Sends text messages by Twilio.

    Example:
        ```python
        from ostinato.blocks.notifications import TwilioSMS

        TwilioSMS.load("phones").notify("The import failed.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Twilio SMS"

    account_sid: str = Field(default=..., description="The account.")
    auth_token: SecretStr = Field(default=..., description="The token of the account.")
    from_phone_number: str = Field(default=..., description="The number that it comes from.", examples=["18001234567"])
    to_phone_numbers: list[str] = Field(default=..., description="The numbers that it goes to.")

    def messages(self, body: str, subject: str | None) -> Sequence[Message]:
        """Return the requests that send the message, one for each number."""
        url = f"https://api.twilio.com/2010-04-01/Accounts/{self.account_sid}/Messages.json"
        auth = (self.account_sid, self.auth_token.get_secret_value())
        text = {"From": _number(self.from_phone_number), "Body": with_subject(body, subject)}
        return [
            Message(url, {"auth": auth, "data": text | {"To": _number(number)}}) for number in self.to_phone_numbers
        ]


def _number(text: str) -> str:
    digits = text.strip()
    return digits if digits.startswith("+") else f"+{digits}"


class SendgridEmail(TypedNotificationBlock):
    """Sends mail by Sendgrid.

    Example:
        ```python
        from ostinato.blocks.notifications import SendgridEmail

        SendgridEmail.load("team").notify("The import failed.", subject="Import")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Sendgrid Email"

    api_key: SecretStr = Field(default=..., title="API Key", description="The key of the account.")
    sender_email: str = Field(default=..., title="Sender email id", description="Who it is from.")
    to_emails: list[str] = Field(default=..., title="Recipient emails", description="Who it goes to.")

    def messages(self, body: str, subject: str | None) -> Sequence[Message]:
        """Return the request that sends one mail to each address."""
        content = {
            "personalizations": [{"to": [{"email": address}]} for address in self.to_emails],
            "from": {"email": self.sender_email},
            "subject": subject or DEFAULT_SUBJECT,
            "content": [{"type": "text/plain", "value": body}],
        }
        headers = {"Authorization": f"Bearer {self.api_key.get_secret_value()}"}
        return [Message("https://api.sendgrid.com/v3/mail/send", {"headers": headers, "json": content})]
