"""How much of a limit is used up in the present minute. One row for each name, counted by conditional updates."""

from django.db import IntegrityError, models, transaction
from django.db.models import F


class Allowance(models.Model):
    name = models.CharField(max_length=100, primary_key=True)
    minute = models.PositiveBigIntegerField()
    used = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.name}: {self.used}"

    @classmethod
    def take(cls, name: str, minute: int, *, limit: int, count: int) -> int | None:
        """Take `count` out of the `limit` of this minute. What is used by now; None: there is not that much left.

        Every process of every machine may do so at once: the limit holds. A clock that is behind takes from the
        minute that others are in.
        """
        if count > limit:
            return None
        row = cls.objects.filter(pk=name)
        for _ in range(3):
            if row.filter(minute__gte=minute, used__lte=limit - count).update(used=F("used") + count):
                return int(row.values_list("used", flat=True).get())
            if row.filter(minute__lt=minute).update(minute=minute, used=count):
                return count
            if row.exists():
                return None
            try:
                with transaction.atomic():
                    cls.objects.create(name=name, minute=minute, used=count)
            except IntegrityError:  # another process was first
                continue
            return count
        return None
