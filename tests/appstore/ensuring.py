"""What the tests of ensure share."""

from typing import Any

from appstore import runs
from appstore.models import App, SyncRun
from appstore.signing.ensure import ensure_signing
from appstore.signing.resolve import resolve_signing
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.models import Credential
from organizations.actors import SYSTEM
from tests.appstore.apple import Apple


def work() -> None:
    """What a worker does with changes; the syncs after them are others' business."""
    while run := SyncRun.objects.due().filter(kind="CHANGE").order_by("created_at").first():
        runs.perform_next(hint=run.pk)


def ensured(app: App, distribution: str = "ad-hoc", **options: Any) -> SyncRun:
    run = ensure_signing(SYSTEM, app, distribution, **options)
    work()
    run.refresh_from_db()
    return run


def of_kind(kind: str) -> list[Credential]:
    return list(Credential.objects.live().filter(kind=kind))


def one_of_each(apple: Apple) -> None:
    """One certificate, whose key is here, and one profile, which holds it and all enabled devices."""
    (certificate,), (profile,) = apple.objects("certificates"), apple.objects("profiles")
    assert len(of_kind(APPLE_CERTIFICATE)) == 1
    related = profile["relationships"]
    assert [each["id"] for each in related["certificates"]["data"]] == [certificate["id"]]


def signs(app: App, distribution: str = "ad-hoc") -> bool:
    found = resolve_signing(SYSTEM, app, distribution)
    return found.is_complete and not found.profile.warnings
