"""Identity tokens of CI jobs that were exchanged once: none of them works a second time."""

from datetime import datetime

from django.db import IntegrityError, models, transaction


class UsedAssertion(models.Model):
    digest = models.CharField(max_length=64, primary_key=True)
    ends_at = models.DateTimeField(db_index=True)  # from then on it would be refused for its age

    def __str__(self) -> str:
        return self.digest

    @classmethod
    def is_first(cls, digest: str, ends_at: datetime) -> bool:
        """Remember it. False: it was here before."""
        try:
            with transaction.atomic():
                cls.objects.create(digest=digest, ends_at=ends_at)
        except IntegrityError:
            return False
        return True
