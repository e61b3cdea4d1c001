"""Messages to single people: text messages by Twilio, mail by Sendgrid."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from ostinato.blocks.notifications.base import TypedNotificationBlock
from ostinato_wire.notifications import messages as wire


class TwilioSMS(TypedNotificationBlock):
    """Sends text messages by Twilio.

    Example:
        ```python
        from ostinato.blocks.notifications import TwilioSMS

        TwilioSMS.load("phones").notify("The import failed.")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Twilio SMS"
    _shared: ClassVar = wire.TwilioSMS

    account_sid: str = Field(default=..., description="The account.")
    auth_token: SecretStr = Field(default=..., description="The token of the account.")
    from_phone_number: str = Field(default=..., description="The number that it comes from.", examples=["18001234567"])
    to_phone_numbers: list[str] = Field(default=..., description="The numbers that it goes to.")


class SendgridEmail(TypedNotificationBlock):
    """Sends mail by Sendgrid.

    Example:
        ```python
        from ostinato.blocks.notifications import SendgridEmail

        SendgridEmail.load("team").notify("The import failed.", subject="Import")
        ```
    """

    _block_type_name: ClassVar[str | None] = "Sendgrid Email"
    _shared: ClassVar = wire.SendgridEmail

    api_key: SecretStr = Field(default=..., title="API Key", description="The key of the account.")
    sender_email: str = Field(default=..., title="Sender email id", description="Who it is from.")
    to_emails: list[str] = Field(default=..., title="Recipient emails", description="Who it goes to.")
