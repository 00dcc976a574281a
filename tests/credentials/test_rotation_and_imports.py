"""What waits to be imported is sealed, too, and not sealed anew: its data key stays as long."""

import pytest

from appstore.models import ImportItem, ImportState, ImportUpload
from appstore.models.import_upload import new_upload
from tests.conftest import Cast
from tests.credentials.support import store
from tests.credentials.test_rotation import rotate

pytestmark = pytest.mark.django_db


def test_a_data_key_that_an_open_import_needs_stays_until_that_ends(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    store(cast.root)
    upload = new_upload(cast.root, name="a.zip")
    upload.content = upload.sealing("content").seal(upload.pk, b"PK")
    upload.save()
    item = ImportItem(upload=upload, number=1, state="NEW")
    item.content = ImportItem.sealing(cast.root.pk).seal(item.pk, b"key")
    item.save()
    rotate("--data-keys")

    rotate("--retire", grace=0)
    assert "acme: data key 1 stays, needed by import uploads, import items." in capsys.readouterr().out
    assert upload.sealing("content").opened(upload.pk, ImportUpload.objects.get().content) == b"PK"

    upload.end(ImportState.EXPIRED)
    rotate("--retire", grace=0)
    assert "acme: destroyed data key 1" in capsys.readouterr().out
