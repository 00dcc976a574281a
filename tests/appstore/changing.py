"""What the tests of changes at Apple share."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from appstore import runs
from appstore.changes.ordering import order
from appstore.changes.perform import STEPS
from appstore.models import AppStoreConnectKey, SyncRun
from organizations.actors import SYSTEM
from tests.appstore.apple import Apple, work

NEW_DEVICE = "00008101-000A11223344001E"
WRITES = ("POST", "PATCH", "DELETE")


def ordered(uploaded: AppStoreConnectKey, /, *steps: dict[str, Any], **options: Any) -> SyncRun:
    assert uploaded.team is not None
    return order(SYSTEM, uploaded.team, "For a test", list(steps), **options)


def carried_out(key: AppStoreConnectKey, *steps: dict[str, Any], **options: Any) -> SyncRun:
    """The run when the worker is done with it, and with the sync that follows."""
    run = ordered(key, *steps, **options)
    work()
    run.refresh_from_db()
    return run


def said(run: SyncRun) -> list[str]:
    return [line["said"] for line in run.cursor.get("report", [])]


def writes(apple: Apple, key: AppStoreConnectKey) -> list[tuple[str, str]]:
    """What was written at Apple, in order."""
    return [(each.method, each.path) for each in apple.requests(key) if each.method in WRITES]


class KilledError(BaseException):
    """A worker that is gone from one moment to the next: no code of ours sees it."""


def killed_in(monkeypatch: Any, run: SyncRun, step: str, dies: Callable[[Any], None]) -> None:
    """Let a worker die while it takes this step: `dies` gets what the step works with, and raises KilledError."""
    take = STEPS[step]

    def dying(doing: Any, asked: dict[str, Any]) -> None:
        dies(doing)
        take(doing, asked)

    monkeypatch.setitem(STEPS, step, dying)
    try:
        runs.perform(run.pk)
    except KilledError:
        pass
    finally:
        monkeypatch.setitem(STEPS, step, take)
    # Its lease ends, and the sweeper gives the run back.
    SyncRun.objects.filter(pk=run.pk).update(state=SyncRun.State.QUEUED, lease_until=None)


# On the pages of Acme


def address(route: str, *args: Any) -> str:
    return reverse(route, args=["acme", *args])


def sent(client: Client, page: str, key: AppStoreConnectKey, **data: Any) -> SyncRun:
    """Post a form that leads to an order, and let the worker carry it out."""
    answer: HttpResponse = client.post(page, {"key": str(key.pk), **data})
    assert answer.status_code == 302, answer.content.decode()
    run = SyncRun.objects.get(kind="CHANGE", state="QUEUED")
    assert answer["Location"] == address("sync", run.pk)
    work()
    run.refresh_from_db()
    return run


def text(answer: HttpResponse) -> str:
    return answer.content.decode()
