"""Plain keys in memory: found again for a while, by what was opened and never by which row it was in."""

import threading
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from credentials import crypto, keyring, system_keys
from credentials.keys import kept as kept_module
from credentials.keys.errors import MasterKeyError
from credentials.keys.kept import Kept
from credentials.keys.keyring import Keyring
from credentials.keys.local import MasterKeys
from credentials.models.data_key import DataKey
from organizations.actors import SYSTEM
from tests.conftest import Cast
from tests.credentials.support import SECRET, another_key, opened, reloaded, store


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(kept_module.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def unwraps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The master key ids that were really used to open something."""
    seen: list[str] = []
    unwrap = MasterKeys.unwrap

    def counted(keys: MasterKeys, key_id: str, *rest: Any) -> bytes:
        seen.append(key_id)
        return unwrap(keys, key_id, *rest)

    monkeypatch.setattr(MasterKeys, "unwrap", counted)
    return seen


def test_what_is_kept_is_found_until_its_time_is_over(clock: list[float]) -> None:
    kept: Kept[str, int] = Kept()
    kept.keep("one", 1, lifetime=10)
    clock[0] += 9.9
    assert kept.get("one") == 1
    clock[0] += 0.2
    assert kept.get("one") is None
    assert len(kept) == 0  # it is gone, not only hidden


def test_what_is_over_leaves_when_something_else_comes(clock: list[float]) -> None:
    kept: Kept[str, int] = Kept()
    kept.keep("one", 1, lifetime=10)
    clock[0] += 11
    kept.keep("two", 2, lifetime=10)
    assert len(kept) == 1


def test_the_longest_unused_leaves_first() -> None:
    kept: Kept[int, int] = Kept(most=3)
    for number in range(3):
        kept.keep(number, number, lifetime=10)
    assert kept.get(0) == 0
    kept.keep(3, 3, lifetime=10)
    assert [kept.get(number) for number in range(4)] == [0, None, 2, 3]


def test_a_lifetime_of_nothing_keeps_nothing() -> None:
    kept: Kept[str, int] = Kept()
    kept.keep("one", 1, lifetime=0)
    assert kept.get("one") is None


def test_threads_do_each_other_no_harm() -> None:
    kept, errors = Kept[int, int](most=20), []

    def work(seed: int) -> None:
        try:
            for number in range(2000):
                name = (number * seed) % 50
                found = kept.get(name)
                assert found in {None, name}
                kept.keep(name, name, lifetime=0.001 if number % 3 else 10)
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 3, 7, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(kept) <= 20


def test_a_data_key_is_unwrapped_once_in_its_lifetime(
    cast: Cast, clock: list[float], unwraps: list[str], settings: Settings
) -> None:
    credential = store(cast.root)
    system_keys.forget()
    unwraps.clear()
    assert {opened(credential) for _ in range(3)} == {SECRET}
    data_keys = len(unwraps)
    clock[0] += settings.DATA_KEY_CACHE_SECONDS + 1
    opened(credential)
    assert len(unwraps) == 2 * data_keys


def test_a_destroyed_key_is_refused_at_once(cast: Cast) -> None:
    """Also by other processes, whose memory nobody clears: they read the row each time."""
    credential = store(cast.root)
    assert opened(credential) == SECRET
    elsewhere = keyring.configured()
    DataKey.objects.get().destroy()
    with pytest.raises(crypto.SealError, match="destroyed"):
        opened(credential)
    DataKey.objects.update(destroyed_at=None)  # somebody with the database in hand
    with pytest.raises(MasterKeyError, match="“” is needed"):
        opened(credential)
    assert keyring.configured() is not elsewhere  # what it had opened is gone


@pytest.mark.django_db(transaction=True)
def test_a_key_of_a_transaction_that_was_rolled_back_opens_nothing(cast: Cast) -> None:
    with transaction.atomic():
        lost = store(cast.root)
        rolled_back = lost.secret
        transaction.set_rollback(True)
    assert not DataKey.objects.exists()
    kept = store(cast.root)
    assert opened(kept) == SECRET
    lost.save(force_insert=True)
    assert reloaded(lost).secret == rolled_back
    with pytest.raises(crypto.SealError):
        reloaded(lost).reveal(SYSTEM, purpose="test")


def test_what_was_opened_goes_with_the_configuration(cast: Cast, settings: Settings) -> None:
    ring = keyring.configured()
    assert keyring.configured() is ring
    settings.CREDHUB_MASTER_KEYS = another_key("next")
    assert keyring.configured() is not ring


def test_a_keyring_shows_ids_alone(settings: Settings) -> None:
    text = another_key("shown")
    ring = Keyring([MasterKeys.parse(text)], lifetime=1)
    assert repr(ring) == "<Keyring shown>"
