"""Inbound webhooks: addresses whose requests become events by a template. None of this is the open reference's."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field, SecretStr

from ostinato_wire.base import Changes, JsonObject, Name, UtcTime, WireModel
from ostinato_wire.filters import AnyId, FlagFilter, NameFilter, OperatorFilter
from ostinato_wire.queries import Slice

MAXIMUM_TEMPLATE_LENGTH = 65_536
"""Characters of a template."""
MAXIMUM_OVERLAP_SECONDS = 30 * 86_400


class WebhookSignature(StrEnum):
    """How a sender proves that it knows the secret."""

    NONE = "none"
    STANDARD = "standard-webhooks"
    """Headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, as standardwebhooks.com has them."""
    GITHUB = "github"
    """Header `X-Hub-Signature-256`, which covers the body alone."""


class WebhookCreate(WireModel):
    """Body of `POST /webhooks/`; a secret that is needed and not given is made."""

    name: Name
    description: str = ""
    enabled: bool = True
    template: str = Field(max_length=MAXIMUM_TEMPLATE_LENGTH)
    signature: WebhookSignature = WebhookSignature.NONE
    secret: SecretStr | None = None


class WebhookUpdate(Changes):
    """Body of `PATCH` and `PUT /webhooks/{id}`. Another signature needs another secret, which is made if not given."""

    name: Name | None = None
    description: str | None = None
    enabled: bool | None = None
    template: str | None = Field(default=None, max_length=MAXIMUM_TEMPLATE_LENGTH)
    signature: WebhookSignature | None = None
    secret: SecretStr | None = None


class WebhookRotate(WireModel):
    """Body of `POST /webhooks/{id}/rotate`: what is made anew, and for how long the old is taken beside it.

    The secret only if that is asked for: the reference's clients do not, and could not tell anybody the new one.
    """

    slug: bool = True
    secret: bool = False
    old_expires_in_seconds: int = Field(default=0, ge=0, le=MAXIMUM_OVERLAP_SECONDS)


class Webhook(WireModel):
    """A webhook; `secret` is only told by the answer to the request that has set it."""

    id: UUID
    created: UtcTime
    updated: UtcTime
    name: str
    description: str
    enabled: bool
    template: str
    slug: str
    service_account_id: UUID | None = None
    signature: WebhookSignature
    old_expires: UtcTime | None
    """Until when the slug and secret before the last rotation are taken, too."""
    secret: str | None = None


class WebhookFilter(OperatorFilter):
    """Which webhooks."""

    id: AnyId | None = None
    name: NameFilter | None = None
    enabled: FlagFilter | None = None


class WebhookSort(StrEnum):
    """Orders of a list of webhooks."""

    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    CREATED_DESC = "CREATED_DESC"
    UPDATED_DESC = "UPDATED_DESC"


class WebhooksWhere(WireModel):
    """Body of `POST /webhooks/count`."""

    webhooks: WebhookFilter | None = None


class WebhooksQuery(WebhooksWhere, Slice):
    """Body of `POST /webhooks/filter`."""

    sort: WebhookSort = WebhookSort.NAME_ASC


class WebhookTrial(WireModel):
    """Body of `POST /webhooks/render`: a template, and a request that it might get."""

    template: str = Field(max_length=MAXIMUM_TEMPLATE_LENGTH)
    method: str = "POST"
    headers: dict[str, str] = Field(default_factory=dict[str, str])
    body: str = ""


class WebhookTrialResult(WireModel):
    """What a template makes of a request: an event, or why not; `rendered` is the text that it has rendered."""

    rendered: str | None
    event: JsonObject | None
    error: str | None
