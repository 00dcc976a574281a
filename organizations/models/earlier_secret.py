"""What a token's secret was before it was rotated: it works until the overlap is over."""

import uuid

from django.db import models

from organizations.guarded import GuardedModel, GuardedQuerySet
from organizations.models.api_token import ApiToken


class EarlierSecret(GuardedModel):
    """A row of its own and no columns of the token, whose digest would cover other values than until now."""

    GUARDED = ("token_id", "digest", "ends_at")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, related_name="earlier_secrets")
    digest = models.CharField(max_length=80, unique=True, editable=False)
    ends_at = models.DateTimeField(editable=False)

    objects = GuardedQuerySet["EarlierSecret"].as_manager()

    def __str__(self) -> str:
        return f"earlier secret of {self.token_id} until {self.ends_at}"
