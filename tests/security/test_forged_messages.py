"""What anybody could put into the broker: at most it rings for a run that is due anyway."""

import pickle
import uuid
from typing import Any

import pytest
from kombu.exceptions import ContentDisallowed
from kombu.message import Message

from appstore.models import AppStoreConnectKey, SyncRun
from appstore.tasks import run_sync
from credhub.celery import app
from tests.access.answers import database
from tests.conftest import Cast


class Bomb:
    gone_off: list[str] = []

    def __reduce__(self) -> Any:
        return Bomb.gone_off.append, ("boom",)


FORGED = ["", "x", "' OR 1=1", "\x00", "../../etc/passwd", 5, None, [], {}, ["x"], True, 1.5, "0" * 100_000]


@pytest.mark.parametrize("run_id", [*FORGED, str(uuid.UUID(int=1))], ids=lambda value: repr(value)[:20])
def test_a_message_about_nothing_does_nothing(cast: Cast, root_key: AppStoreConnectKey, run_id: Any) -> None:
    before = database()
    run_sync(run_id)
    assert database() == before


def test_a_run_that_is_over_is_not_run_again(cast: Cast, root_key: AppStoreConnectKey) -> None:
    SyncRun.objects.update(state=SyncRun.State.SUCCEEDED)
    before = database()
    run_sync(str(root_key.sync_runs.get().pk))
    assert database() == before


@pytest.mark.parametrize("kind", ["application/x-python-serialize", "application/x-yaml"])
def test_no_message_is_unpickled(kind: str) -> None:
    message = Message(
        body=pickle.dumps(Bomb()),
        content_type=kind,
        content_encoding="binary",
        accept=app.conf.accept_content,
    )
    with pytest.raises(ContentDisallowed):
        message.decode()
    assert Bomb.gone_off == []
    assert set(app.conf.accept_content) == {"json"}
    assert app.conf.task_serializer == "json"
