"""What a write over the API was answered, kept for a day for who sends it again (organizations/api/once.py)."""

import hashlib
from datetime import timedelta

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from organizations import integrity
from organizations.models.api_token import ApiToken

HOURS = 24
# Longer than any request is served: whoever began it is gone.
GONE_AFTER = timedelta(minutes=5)
_REQUEST = "kept-answer"


class InProgressError(Exception):
    def __init__(self) -> None:
        super().__init__("The same request is being answered right now. Send it again in a moment.")


class AnotherRequestError(Exception):
    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request. Use a new one for each.")


class KeptAnswer(models.Model):
    """Digests of the key and of the request, which may hold secrets; and the answer, which never does."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key_digest = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=80)
    status = models.PositiveSmallIntegerField(null=True)  # None: under way
    answer = models.TextField(blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key_digest"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return f"{self.status or 'Under way'}"

    @classmethod
    def begin(cls, token: ApiToken, key: str, request: list[str]) -> "tuple[KeptAnswer, bool]":
        """(row, True) for who is to do it, (row with the answer, False) for who is too late.

        Raises InProgressError, AnotherRequestError.
        """
        now = timezone.now()
        cls.objects.filter(created_at__lt=now - timedelta(hours=HOURS)).delete()
        named = {"token": token, "key_digest": hashlib.sha256(key.encode()).hexdigest()}
        try:
            with transaction.atomic():
                return cls.objects.create(**named, request_digest=integrity.mac(_REQUEST, *request)), True
        except IntegrityError:
            found = cls.objects.filter(**named).first()
        if found is None:  # refused in this very moment
            raise InProgressError
        if not integrity.mac_fits(found.request_digest, _REQUEST, *request):
            raise AnotherRequestError
        if found.status is None and not found.take_over():
            raise InProgressError
        return found, found.status is None

    def take_over(self) -> bool:
        """From somebody who did not come to the end. Only one does."""
        left = KeptAnswer.objects.filter(
            pk=self.pk, status=None, created_at=self.created_at, created_at__lt=timezone.now() - GONE_AFTER
        )
        return bool(left.update(created_at=timezone.now()))

    def end(self, status: int, answer: str, content_type: str) -> None:
        """What was done is kept. A refusal has done nothing, and is forgotten."""
        if 200 <= status < 300:
            self.status, self.answer, self.content_type = status, answer, content_type
            self.save(update_fields=["status", "answer", "content_type"])
        else:
            self.delete()
