"""`rotate_keys`: new keys in the place of old ones, step by step, and nothing that was open closes."""

import datetime as dt
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from credentials import crypto, keyring, system_keys
from credentials.models import Credential, SystemKey
from credentials.models.data_key import DataKey, DataKeyGoneError
from organizations import audit, integrity
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from tests.conftest import Cast
from tests.credentials.support import SECRET, another_key, ciphertext_of, opened, overwrite, reloaded, store


def version_of(credential: Credential) -> int:
    return crypto.data_key_version(ciphertext_of(credential))


def master_key_ids() -> set[str]:
    rows = [*DataKey.objects.all(), *SystemKey.objects.all()]
    return {row.master_key_id for row in rows}


def rotate(*arguments: str, **options: Any) -> None:
    call_command("rotate_keys", *arguments, **options)


# Under a new master key


def test_everything_is_wrapped_under_the_new_master_key_and_the_old_one_can_go(
    cast: Cast, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    credentials = [store(cast.root), store(cast.sub_a), store(cast.other)]
    mac = integrity.mac("test", "something")
    sealed = [ciphertext_of(each) for each in credentials]
    new = another_key("next")
    settings.CREDHUB_MASTER_KEYS = f"{new},{settings.CREDHUB_MASTER_KEYS}"

    rotate()

    assert "Wrapped 4 keys under “next”." in capsys.readouterr().out
    assert master_key_ids() == {"next"}
    assert [ciphertext_of(each) for each in credentials] == sealed  # no value was touched
    settings.CREDHUB_MASTER_KEYS = new
    system_keys.forget()
    assert {opened(each) for each in credentials} == {SECRET}
    assert integrity.mac_fits(mac, "test", "something")


def test_wrapping_goes_on_where_it_was_and_does_nothing_twice(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for organization in (cast.root, cast.sub_a, cast.other):
        store(organization)
    settings.CREDHUB_MASTER_KEYS = f"{another_key('next')},{settings.CREDHUB_MASTER_KEYS}"
    ring, left = keyring.configured(), [None, None]
    wrap = ring.wrap

    def cut_off(data_key: bytes, context: bytes) -> tuple[str, bytes]:
        left.pop()  # IndexError at the third: the end of the process
        return wrap(data_key, context)

    monkeypatch.setattr(ring, "wrap", cut_off)
    with pytest.raises(IndexError):
        rotate()
    assert master_key_ids() == {"test", "next"}
    done = {bytes(row.wrapped) for row in DataKey.objects.filter(master_key_id="next")}

    monkeypatch.undo()
    settings.CREDHUB_MASTER_KEYS = settings.CREDHUB_MASTER_KEYS  # as the next process reads it
    rotate()
    assert master_key_ids() == {"next"}
    assert done <= {bytes(row.wrapped) for row in DataKey.objects.all()}  # not wrapped once more


def test_a_key_that_was_wrapped_by_another_run_in_this_moment_stays_as_it_is(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(cast.root)
    settings.CREDHUB_MASTER_KEYS = f"{another_key('next')},{settings.CREDHUB_MASTER_KEYS}"
    ring = keyring.configured()
    wrap, others = ring.wrap, []

    def another_run_is_faster(data_key: bytes, context: bytes) -> tuple[str, bytes]:
        if b"data key" in context and not others:
            others.append(wrap(data_key, context))
            DataKey.objects.update(master_key_id=others[0][0], wrapped=others[0][1])
        return wrap(data_key, context)

    monkeypatch.setattr(ring, "wrap", another_run_is_faster)
    rotate()
    assert bytes(DataKey.objects.get().wrapped) == others[0][1]


def test_a_key_that_does_not_open_is_named_and_holds_up_no_other(cast: Cast, settings: Settings) -> None:
    store(cast.root), store(cast.other)
    DataKey.objects.filter(organization=cast.root).update(wrapped=b"damaged" * 10)
    settings.CREDHUB_MASTER_KEYS = f"{another_key('next')},{settings.CREDHUB_MASTER_KEYS}"

    with pytest.raises(
        CommandError, match="1 could not be done:\nData key 1 of Acme: A data key does not open"
    ):
        rotate()
    assert DataKey.objects.get(organization=cast.other).master_key_id == "next"


def test_a_provider_that_rotated_the_key_behind_its_id_wraps_again(cast: Cast) -> None:
    store(cast.root)
    before = bytes(DataKey.objects.get().wrapped)
    rotate()
    assert bytes(DataKey.objects.get().wrapped) == before
    rotate("--again")
    assert bytes(DataKey.objects.get().wrapped) != before


# Under new data keys


def test_every_value_is_sealed_anew_and_recorded(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    mine = [store(cast.root, f"secret {n}".encode()) for n in range(5)]
    archived, other = store(cast.root), store(cast.other)
    archived.archive(SYSTEM)
    changed_at = mine[0].secret_changed_at

    rotate("--data-keys", batch=2)

    said = capsys.readouterr().out
    assert "acme: sealed 2 of 6 values under data key 2." in said
    assert "acme: sealed 6 of 6 values under data key 2." in said
    assert "Sealed 7 values anew." in said
    assert {version_of(each) for each in [*mine, archived, other]} == {2}
    assert [opened(each) for each in mine] == [f"secret {n}".encode() for n in range(5)]
    assert opened(archived) == opened(other) == SECRET
    assert reloaded(mine[0]).secret_changed_at == changed_at  # it is the same secret
    events = AuditEvent.objects.filter(action=audit.Action.CREDENTIAL_RESEALED)
    assert events.count() == 7
    assert {(event.actor_label, event.facts["was"], event.facts["now"]) for event in events} == {
        ("CredHub", "1", "2")
    }


def test_one_organization_alone(cast: Cast) -> None:
    mine, sub, other = store(cast.root), store(cast.sub_a), store(cast.other)
    rotate("--data-keys", organization="acme")
    assert [version_of(each) for each in (mine, sub, other)] == [2, 1, 1]

    with pytest.raises(CommandError, match="There is no organization “nowhere”"):
        rotate("--data-keys", organization="nowhere")


def test_a_run_that_was_cut_off_is_gone_on_with_under_the_same_key(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = [store(cast.root) for _ in range(3)] + [store(cast.other) for _ in range(2)]
    reseal, left = Credential.reseal, [None, None]

    def cut_off(*args: Any) -> bool:
        left.pop()
        return reseal(*args)

    monkeypatch.setattr(Credential, "reseal", cut_off)
    with pytest.raises(IndexError):
        rotate("--data-keys")
    assert sorted(version_of(each) for each in credentials) == [1, 1, 1, 2, 2]
    assert {opened(each) for each in credentials} == {SECRET}

    monkeypatch.undo()
    rotate("--data-keys")
    assert {version_of(each) for each in credentials} == {2}
    assert DataKey.objects.count() == 4


def test_a_secret_that_is_replaced_in_this_moment_wins(cast: Cast) -> None:
    credential = store(cast.root)
    seen_by_the_rotation = reloaded(credential)
    DataKey.make(cast.root.pk, version=2)
    credential.replace_secret(SYSTEM, b"newer", facts={})

    assert seen_by_the_rotation.reseal(SYSTEM) is False
    assert opened(credential) == b"newer"
    assert not AuditEvent.objects.filter(action=audit.Action.CREDENTIAL_RESEALED).exists()


def test_what_cannot_be_recorded_is_not_resealed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    credential = store(cast.root)
    DataKey.make(cast.root.pk, version=2)

    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the log is full")

    monkeypatch.setattr(audit, "record", broken)
    with pytest.raises(RuntimeError, match="the log is full"):
        reloaded(credential).reseal(SYSTEM)
    assert version_of(credential) == 1


def test_a_value_that_does_not_open_is_named_and_holds_up_no_other(cast: Cast) -> None:
    credentials = [store(cast.root, name=f"Key {n}") for n in range(5)]
    damaged = credentials[2]
    overwrite(damaged, secret=ciphertext_of(damaged)[:-1] + b"?")

    with pytest.raises(CommandError, match="1 could not be done:\nacme, Key 2: This is not the secret"):
        rotate("--data-keys", batch=1)
    assert [version_of(each) for each in credentials] == [2, 2, 1, 2, 2]
    with pytest.raises(CommandError, match="1 could not be done"):  # nor the next rotation
        rotate("--data-keys", batch=1)
    assert [version_of(each) for each in credentials] == [3, 3, 1, 3, 3]


def test_an_organization_without_secrets_gets_no_key(cast: Cast) -> None:
    rotate("--data-keys")
    assert not DataKey.objects.exists()


# Destroying the old ones


def test_old_data_keys_are_destroyed_when_nothing_needs_them(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    credential = store(cast.root)
    rotate("--data-keys")

    rotate("--retire", grace=0)

    assert "acme: destroyed data key 1" in capsys.readouterr().out
    old = DataKey.objects.get(version=1)
    assert (bytes(old.wrapped), old.master_key_id, old.destroyed_at is not None) == (b"", "", True)
    with pytest.raises(DataKeyGoneError, match="Data key 1 of this organization is destroyed"):
        old.open()
    assert opened(credential) == SECRET
    rotate()  # what is destroyed is not wrapped anew
    assert DataKey.objects.get(version=1).master_key_id == ""


def test_a_data_key_that_a_value_needs_stays(cast: Cast) -> None:
    behind = store(cast.root)
    DataKey.make(cast.root.pk, version=2)
    DataKey.make(cast.root.pk, version=3)
    store(cast.root)
    rotate("--retire", grace=0)
    assert not DataKey.objects.exclude(destroyed_at=None).exists()

    assert reloaded(behind).reseal(SYSTEM)
    rotate("--retire", grace=0)
    assert sorted(DataKey.objects.exclude(destroyed_at=None).values_list("version", flat=True)) == [1, 2]


def test_who_took_the_old_key_a_moment_ago_has_time_to_store_what_it_sealed(cast: Cast) -> None:
    store(cast.root)
    rotate("--data-keys")
    rotate("--retire")
    assert not DataKey.objects.exclude(destroyed_at=None).exists()

    DataKey.objects.filter(version=2).update(
        created_at=DataKey.objects.get(version=2).created_at - dt.timedelta(hours=2)
    )
    rotate("--retire")
    assert DataKey.objects.exclude(destroyed_at=None).count() == 1


def test_a_reader_that_read_its_row_before_still_opens_it(cast: Cast) -> None:
    credential = store(cast.root)
    read_before = reloaded(credential)
    rotate("--data-keys")
    assert reloaded(credential).secret != read_before.secret
    assert read_before.reveal(SYSTEM, purpose="test") == SECRET  # the old data key is there

    read_before = reloaded(credential)
    read_before.secret = credential.secret
    rotate("--retire", grace=0)
    assert read_before.reveal(SYSTEM, purpose="test") == SECRET  # the row tells what it is sealed under now


# The command


@pytest.mark.parametrize(
    "arguments",
    [["--batch", "0"], ["--grace", "-1"], ["--system-key", "--organization", "acme"]],
    ids=" ".join,
)
def test_options_that_make_no_sense_are_refused(cast: Cast, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        rotate(*arguments)
    assert SystemKey.objects.count() == 1
