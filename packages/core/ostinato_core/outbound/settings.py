"""Settings of what leaves the server: whom it may call, and the mail server."""

from pathlib import Path
from typing import Literal

from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from ostinato_core.outbound.allowed import AllowList
from ostinato_core.settings_fields import setting
from ostinato_wire.mail_addresses import parse_mailbox

MailTls = Literal["starttls", "tls", "none"]


class OutboundSettings(BaseSettings):
    """The settings of webhooks, notifications and mail."""

    outbound_allowed: str = setting(
        "OUTBOUND_ALLOWED",
        "",
        "Comma-separated hosts (.example.com: all below it) and networks such as 10.1.0.0/16 that webhooks and "
        "notifications may reach although they are not public; without it, none of these.",
    )
    outbound_timeout: float = setting(
        "OUTBOUND_TIMEOUT", 15.0, "Seconds that a webhook, a notification or a mail may take in all.", gt=0, le=300
    )

    smtp_host: str | None = setting("SMTP_HOST", None, "Mail server by which e-mail notifications are sent.")
    smtp_port: int | None = setting(
        "SMTP_PORT", None, "Its port; default: 587, or 465 where SMTP_TLS is tls.", ge=1, le=65535
    )
    smtp_tls: MailTls = setting(
        "SMTP_TLS", "starttls", "starttls (insisted on), tls (from the first byte), or none (in clear)."
    )
    smtp_username: str | None = setting("SMTP_USERNAME", None, "Who logs in at the mail server, if anybody.")
    smtp_password: SecretStr | None = setting("SMTP_PASSWORD", None, "The password for that.")
    smtp_password_file: Path | None = setting(
        "SMTP_PASSWORD_FILE", None, "File that holds it, where it is not given itself."
    )
    smtp_sender: str | None = setting(
        "SMTP_SENDER", None, "Who mail is from, such as ops@example.com or Ostinato <ops@example.com>."
    )

    @field_validator("outbound_allowed")
    @classmethod
    def _is_allow_list(cls, text: str) -> str:
        AllowList.parse(text)
        return text

    @field_validator("smtp_sender")
    @classmethod
    def _is_mailbox(cls, text: str | None) -> str | None:
        if text is not None:
            parse_mailbox(text)
        return text

    @model_validator(mode="after")
    def _has_sender(self) -> "OutboundSettings":
        if self.smtp_host is not None and self.smtp_sender is None:
            raise ValueError("OSTINATO_SMTP_HOST is set and OSTINATO_SMTP_SENDER is not: say who mail is from")
        return self
