"""A deployment moves its master keys from the environment to Vault, while it serves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from appstore import runs
from appstore.models import SyncRun
from credentials import key_check, system_keys
from credentials.keys.errors import KeyProviderUnreachableError
from credentials.models import DataKey, SystemKey
from organizations import integrity
from organizations.actors import SYSTEM
from tests import factories
from tests.conftest import Cast
from tests.credentials.support import SECRET, opened, store
from tests.credentials.transit_server import TransitServer


@pytest.fixture
def vault(settings: Settings, tmp_path: Path) -> Iterator[TransitServer]:
    server = TransitServer("credhub")
    (tmp_path / "token").write_text(server.token)
    settings.CREDHUB_TRANSIT = {
        **settings.CREDHUB_TRANSIT,
        "url": server.url,
        "keys": "credhub",
        "token_file": str(tmp_path / "token"),
    }
    yield server
    server.stop()


def test_everything_moves_and_the_old_keys_can_go(
    cast: Cast, settings: Settings, vault: TransitServer
) -> None:
    credential, mac = store(cast.root), integrity.mac("test", "words")
    assert vault.requests == []  # configured, and not chosen yet
    settings.CREDHUB_KEY_PROVIDER = "transit"
    system_keys.forget()
    assert opened(credential) == SECRET
    later = store(cast.other)
    assert DataKey.objects.get(organization=cast.other).master_key_id == "transit:credhub"

    call_command("rotate_keys")

    assert {row.master_key_id for row in [*DataKey.objects.all(), *SystemKey.objects.all()]} == {
        "transit:credhub"
    }
    settings.CREDHUB_MASTER_KEYS = ""
    system_keys.forget()
    key_check.prove()
    assert opened(credential) == opened(later) == SECRET
    assert integrity.mac_fits(mac, "test", "words")


def test_vault_is_asked_once_a_data_key_and_not_for_each_secret(
    cast: Cast, settings: Settings, vault: TransitServer
) -> None:
    settings.CREDHUB_KEY_PROVIDER = "transit"
    credentials = [store(cast.root) for _ in range(5)]
    assert {opened(each) for each in credentials} == {SECRET}
    assert [path.rpartition("/")[0] for path, _ in vault.requests] == [
        "/v1/transit/encrypt",
        "/v1/transit/decrypt",
    ]


def test_an_engine_that_does_not_answer_is_told_as_that(
    cast: Cast, settings: Settings, vault: TransitServer
) -> None:
    settings.CREDHUB_KEY_PROVIDER = "transit"
    credential, key = store(cast.root), factories.make_key(cast.root)
    system_keys.forget()
    vault.answer_with = (503, {}, b'{"errors": ["Vault is sealed"]}')

    for fails in (lambda: opened(credential), lambda: store(cast.other), key_check.prove):
        with pytest.raises(KeyProviderUnreachableError, match="does not serve now"):
            fails()
    with pytest.raises(CommandError, match="goes on where it was"):
        call_command("rotate_keys", "--again")

    # A sync waits for it, instead of calling the key broken.
    assert key.team is not None
    SyncRun.objects.all().delete()
    run = SyncRun.request_sync(SYSTEM, key.team, SyncRun.Trigger.SCHEDULE, key=key)
    runs.perform(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error_code) == (SyncRun.State.WAITING, "key-provider")
