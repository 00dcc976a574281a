"""Whether workers work: a run that does nothing was done lately."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appstore import liveness
from appstore.models import SyncRun
from tests.appstore.apple import work
from tests.conftest import Cast


@pytest.fixture
def asked(db: None) -> SyncRun:
    liveness.ask()
    return SyncRun.objects.get(kind=SyncRun.Kind.CANARY)


def ready(client: Client) -> tuple[int, str, bool]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()["status"], answer.json()["checks"]["worker"]


def test_asked_once_a_minute(asked: SyncRun) -> None:
    liveness.ask()
    assert SyncRun.objects.count() == 1
    SyncRun.objects.update(created_at=timezone.now() - timedelta(seconds=51))
    liveness.ask()
    assert SyncRun.objects.count() == 1  # the one that waits is enough
    work()
    liveness.ask()
    assert SyncRun.objects.count() == 2


def test_ready_tells_of_workers_and_serves_without(asked: SyncRun, client: Client) -> None:
    assert ready(client) == (200, "degraded", False)
    work()
    assert ready(client) == (200, "ok", True)
    SyncRun.objects.update(finished_at=timezone.now() - timedelta(minutes=3))
    assert ready(client) == (200, "degraded", False)


def test_the_overview_says_so(cast: Cast, asked: SyncRun) -> None:
    def page() -> str:
        return cast.client("root_viewer").get(reverse("overview", args=[cast.root.slug])).content.decode()

    assert "No worker has finished anything" not in page()
    SyncRun.objects.update(created_at=timezone.now() - timedelta(minutes=3))
    assert "No worker has finished anything" in page()
    work()
    assert "No worker has finished anything" not in page()


def test_proofs_of_life_are_nobodys_syncs(cast: Cast, asked: SyncRun) -> None:
    work()
    page = cast.client("root_owner").get(reverse("syncs", args=[cast.root.slug])).content.decode()
    assert "Proof of life" not in page.split("<tbody>")[1]


def test_old_ones_are_thrown_away(asked: SyncRun) -> None:
    work()
    SyncRun.objects.update(
        created_at=timezone.now() - timedelta(hours=2), finished_at=timezone.now() - timedelta(hours=2)
    )
    liveness.ask()
    assert SyncRun.objects.count() == 1
