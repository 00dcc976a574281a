"""What an import survives: a worker that ends in the middle, a person who is gone, a day that passes, large files."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appstore import runs, schedule
from appstore.imports import asking, expiring, storing
from appstore.models import ImportItem, ImportUpload, SyncRun
from appstore.poller import tick
from credentials.making.zip_file import zip_of
from credentials.models import Credential
from credentials.parsing import limits
from credentials.parsing.signing_files import SigningFiles
from organizations.models import Membership
from organizations.permissions import Role
from tests.appstore.importing import post, press, uploaded, work
from tests.conftest import Cast
from tests.credentials.signing_material import bare_key, certificate, p12, pkcs8
from tests.leak_places import everywhere
from tests.leaks import find


class Killed(BaseException):
    """The process ends here: nothing of it catches this."""


def killed(*_args: Any, **_kwargs: Any) -> Any:
    raise Killed


def die(run: SyncRun) -> None:
    with pytest.raises(Killed):
        runs.perform(run.pk)


def lease_ends(run: SyncRun) -> None:
    SyncRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    schedule.take_back()


def latest() -> ImportUpload:
    return ImportUpload.objects.select_related("run", "organization__parent").latest("created_at")


def run_of(upload: ImportUpload) -> SyncRun:
    assert upload.run is not None
    return upload.run


def three_identities() -> bytes:
    return zip_of(
        {
            f"{n}.{ending}": made
            for n in range(3)
            for ending, made in (("cer", certificate(n)), ("p12", bare_key(n)))
        }
    )


def test_killed_while_it_reads_and_while_it_stores(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = cast.client("root_owner")
    assert post(client, cast.root, ("a.zip", three_identities())).status_code == 302
    upload = latest()
    with monkeypatch.context() as trouble:  # after the reading, before it is written down
        trouble.setattr("appstore.imports.reading.Comparing.compared", killed)
        die(run_of(upload))
    assert (latest().state, upload.items.count()) == ("READING", 0)
    lease_ends(run_of(upload))
    work()
    upload = latest()
    assert (upload.state, upload.items.filter(state="NEW").count()) == ("READ", 3)

    monkeypatch.setattr(storing, "TOGETHER", 1)
    press(client, upload, "store", item=[str(pk) for pk in upload.items.values_list("pk", flat=True)])
    with monkeypatch.context() as trouble:  # in the middle of the second one
        real, calls = storing._store, iter([False, True])

        def once(*args: Any) -> None:
            real(*args)
            if next(calls):
                raise Killed

        trouble.setattr(storing, "_store", once)
        die(run_of(latest()))
    assert Credential.objects.count() == 1
    lease_ends(run_of(latest()))
    work()
    upload = latest()
    assert upload.state == "DONE"
    assert set(upload.items.values_list("state", flat=True)) == {"STORED"}
    assert Credential.objects.count() == 3


def test_who_is_gone_stores_nothing_more(cast: Cast) -> None:
    client = cast.client("sub_a_admin")
    upload = uploaded(client, cast.sub_a, ("a.zip", three_identities()))
    press(client, upload, "store", item=[str(pk) for pk in upload.items.values_list("pk", flat=True)])
    for membership in Membership.objects.filter(user=cast.sub_a_admin):
        membership.role = Role.VIEWER
        membership.save(update_fields=["role"])
    work()
    assert run_of(latest()).error_code == "not-allowed"
    assert Credential.objects.count() == 0
    # Somebody else who may goes on with it.
    owner = cast.client("root_owner")
    assert "Store the rest" in owner.get(upload.page_path()).content.decode()
    press(owner, upload, "store")
    work()
    assert (latest().state, Credential.objects.count()) == ("DONE", 3)


def test_what_nobody_stores_in_a_day_is_deleted(cast: Cast) -> None:
    client = cast.client("root_owner")
    read = uploaded(client, cast.root, ("a.zip", three_identities()))
    post(client, cast.root, ("b.zip", three_identities()))  # no worker has come to it yet
    waits = latest()
    ImportUpload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    tick()
    read.refresh_from_db()
    assert (read.state, read.items.count()) == ("EXPIRED", 0)
    waits.refresh_from_db()
    assert waits.state == "READING"  # its run is due: it is not taken away from under a worker
    SyncRun.objects.filter(pk=waits.run_id).update(state="DEAD")
    assert expiring.expire() == 1
    waits.refresh_from_db()
    assert (waits.state, waits.content) == ("EXPIRED", None)
    assert "Nobody stored it within a day." in client.get(read.page_path()).content.decode()


def test_discarded_while_it_is_read(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = cast.client("root_owner")
    post(client, cast.root, ("a.zip", three_identities()))
    real = asking.Archive.files

    def meanwhile(archive: asking.Archive) -> Any:
        press(client, latest(), "discard")
        return real(archive)

    monkeypatch.setattr(asking.Archive, "files", meanwhile)
    work()
    upload = latest()
    assert (upload.state, upload.content, upload.items.count()) == ("DISCARDED", None, 0)
    assert run_of(upload).state == "SUCCEEDED"


def test_a_batch_that_is_too_much_for_a_child_is_read_by_halves(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A .p12 that asks for endless work stops only itself."""
    real = asking.read_upload

    def slow(wanted: type[Any], data: bytes, **options: Any) -> Any:
        if wanted is SigningFiles and "bomb.p12" in options["paths"]:
            raise asking.ParsingError("too-much-work", "This file takes too much work to read.")
        return real(wanted, data, **options)

    monkeypatch.setattr(asking, "read_upload", slow)
    files = zip_of({"a.cer": certificate(0), "a.p12": bare_key(0), "bomb.p12": p12(1, "x")})
    upload = uploaded(cast.client("root_owner"), cast.root, ("a.zip", files))
    assert upload.problems == [["bomb.p12", "This file takes too much work to read."]]
    assert [item.kind for item in upload.items.all()] == ["apple-certificate"]


# Large uploads


def large(client: Client, name: str, cast: Cast, size: int) -> Any:
    file = SimpleUploadedFile("large.zip", b"PK\x03\x04" + bytes(size - 4))
    return client.post(reverse(name, args=[cast.root.slug]), {"file": file, "text": "x"})


def test_only_this_page_takes_archives_and_only_from_who_is_signed_in(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LARGEST_REQUEST", 2 * 1024 * limits.KIB)
    monkeypatch.setattr(limits, "LARGEST_IMPORT", 4 * 1024 * limits.KIB)
    client, size = cast.client("root_owner"), 3 * 1024 * limits.KIB
    assert large(client, "imports", cast, size).status_code == 302
    stored = latest()
    assert len(stored.sealing("content").opened(stored.pk, stored.content)) == size
    assert large(client, "add-app-store-connect-key", cast, size).status_code == 413
    assert large(client, "imports", cast, 5 * 1024 * limits.KIB).status_code == 413
    stranger = Client(enforce_csrf_checks=True)
    stranger.get(reverse("account_login"))
    assert large(stranger, "imports", cast, size).status_code == 413


def test_a_file_that_is_too_large_is_told_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ARCHIVE", 1024)
    answer = large(cast.client("root_owner"), "imports", cast, 2048)
    assert answer.status_code == 400
    assert "Pack the certificates, keys and profiles alone" in answer.content.decode()
    assert ImportUpload.objects.count() == 0


def test_the_archive_lies_nowhere_unsealed(cast: Cast) -> None:
    """Neither the upload, nor its passphrase, nor what was found in it: waiting for a worker, and for people."""
    client, archive = cast.client("root_owner"), zip_of({"a.p12": bare_key(), "a.cer": certificate()})
    canaries = {"archive": archive[200:400], "passphrase": b"very secret words", "key": pkcs8()[-200:]}
    found = find(canaries, [("planted", b"".join(canaries.values()))])
    assert {each.form.split(":")[0].split(",")[0] for each in found} == set(canaries)

    post(client, cast.root, ("plain.zip", archive), passphrase="very secret words")
    post(client, cast.root, ("plain.zip", archive), password="very secret words")
    runs.perform(run_of(latest()).pk)
    assert sorted(ImportUpload.objects.values_list("state", flat=True)) == ["READ", "READING"]
    assert ImportItem.objects.exclude(content__isnull=True).count() == 1
    assert find(canaries, list(everywhere())) == []
