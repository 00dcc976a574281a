"""`dumpdata` writes sealed values as they are stored; `loaddata` brings them back, and they open."""

import io
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core import serializers
from django.core.management import call_command
from django.core.serializers.base import DeserializationError

from appstore.models import AppStoreConnectKey, DeveloperTeam, SyncRun
from credentials import crypto
from credentials.models import Credential, Share
from credentials.models.data_key import DataKey, Deployment
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import Organization
from tests import factories
from tests.conftest import Cast
from tests.credentials.support import SECRET, ciphertext_of, opened, overwrite, reloaded, store
from tests.leaks import find_in, forms_of, forms_of_secret


def dump(*labels: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("dumpdata", *labels, stdout=out, **options)
    return out.getvalue()


def empty() -> None:
    for model in (SyncRun, AppStoreConnectKey, DeveloperTeam, Share, Credential, DataKey, Deployment):
        model.objects.all().delete()


def load(path: Path, text: str) -> None:
    path.write_text(text)
    call_command("loaddata", str(path), verbosity=0)


@pytest.mark.parametrize("form", ["json", "jsonl", "xml"])
def test_a_dump_loads_again_and_its_secrets_open(cast: Cast, tmp_path: Path, form: str) -> None:
    p8 = factories.make_p8()
    key = factories.make_key(cast.root, p8=p8, name="Key")
    share(SYSTEM, key.credential, with_all=False, chosen=[cast.sub_a])
    other, bare = store(cast.other), store(cast.other)
    Credential.objects.filter(pk=bare.pk).update(secret=None)
    before = ciphertext_of(key.credential)

    text = dump("credentials", "appstore", format=form)
    empty()
    load(tmp_path / f"dump.{form}", text)

    loaded = AppStoreConnectKey.objects.get(pk=key.pk)
    assert loaded.credential.reveal(SYSTEM, purpose="test") == p8
    assert ciphertext_of(key.credential) == before
    assert opened(other) == SECRET
    assert reloaded(bare).secret is None
    assert loaded.credential.shares.get().organization == cast.sub_a


@pytest.mark.parametrize("form", ["json", "jsonl", "xml"])
def test_a_dump_of_everything_carries_no_plain_secret(cast: Cast, form: str) -> None:
    p8 = factories.make_p8()
    factories.make_key(cast.root, p8=p8)
    store(cast.root)
    data_key = DataKey.current_for(cast.root.pk).open()

    text = dump(format=form, indent=2).encode()
    forms = forms_of(p8) | forms_of_secret(SECRET, "secret") | forms_of_secret(data_key, "data key")
    assert b"credentials.credential" in text
    assert find_in(text, forms) == []


def test_natural_keys_and_chosen_fields_carry_none_either(cast: Cast) -> None:
    credential = store(cast.root)
    forms = forms_of_secret(SECRET, "secret")

    assert find_in(dump(use_natural_foreign_keys=True, use_natural_primary_keys=True).encode(), forms) == []
    text = serializers.serialize("json", [credential], fields=["secret"])
    assert find_in(text.encode(), forms) == []
    python = serializers.serialize("python", [credential])
    assert python[0]["fields"]["secret"] == json.loads(text)[0]["fields"]["secret"]


def test_a_dump_does_not_open_in_another_deployment(cast: Cast, tmp_path: Path) -> None:
    credential = store(cast.root)
    text = dump("credentials")
    empty()
    load(tmp_path / "dump.json", text)
    Deployment.objects.update(id=uuid.uuid4())

    with pytest.raises(crypto.SealError):
        opened(credential)


def test_a_dump_edited_to_name_another_owner_does_not_open(cast: Cast, tmp_path: Path) -> None:
    credential = store(cast.root)
    rows = json.loads(dump("credentials"))
    empty()
    for row in rows:
        if row["model"] == "credentials.credential":
            row["fields"]["organization"] = str(cast.other.pk)
    load(tmp_path / "dump.json", json.dumps(rows))

    assert reloaded(credential).organization == cast.other
    with pytest.raises(crypto.SealError):
        opened(credential)


def test_a_fixture_with_a_plain_secret_is_refused(cast: Cast, tmp_path: Path) -> None:
    store(cast.root)
    rows = json.loads(dump("credentials.credential"))
    rows[0]["fields"]["secret"] = "-----BEGIN PRIVATE" + " KEY-----"

    with pytest.raises(DeserializationError, match="base64"):
        load(tmp_path / "dump.json", json.dumps(rows))


def test_corrupt_rows_are_dumped_as_they_are_and_load_again(cast: Cast, tmp_path: Path) -> None:
    bad, good = store(cast.root), store(cast.root)
    overwrite(bad, secret=b"\xff\x00 corrupt")

    text = dump("credentials")
    empty()
    load(tmp_path / "dump.json", text)

    assert ciphertext_of(bad) == b"\xff\x00 corrupt"
    assert opened(good) == SECRET
    assert Organization.objects.filter(credentials=bad).get() == cast.root
