"""The clock: what nobody confirmed in a day is deleted, and what is sealed of it with it."""

from django.db import transaction
from django.utils import timezone

from appstore.models import ImportState, ImportUpload
from appstore.models.import_upload import OPEN


def expire() -> int:
    """Safe to run anywhere and often. Returns how many."""
    over = ImportUpload.objects.open().filter(expires_at__lt=timezone.now()).without_content()
    ended = 0
    for upload in over.order_by("expires_at")[:20]:
        with transaction.atomic():
            now = upload.locked()
            if now.state in OPEN and now.expires_at < timezone.now() and not now.is_under_way:
                # What was stored before it failed stays told.
                if now.state == ImportState.STORING:
                    now.end(ImportState.EXPIRED)
                else:
                    now.forget(ImportState.EXPIRED)
                ended += 1
    return ended
