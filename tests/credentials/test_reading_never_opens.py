"""Reading rows opens nothing: every page is loaded while opening is impossible."""

from typing import Any

import pytest
from django.core.management import call_command

from credentials import crypto
from credentials.keys.keyring import Keyring
from credentials.models import Credential
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.models import AuditEvent
from tests import factories
from tests.conftest import Cast
from tests.crawl import crawl
from tests.credentials.support import store
from tests.thoroughness import first_of


@pytest.fixture
def nothing_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_args: Any, **_kwargs: Any) -> None:
        pytest.fail("something was opened")

    monkeypatch.setattr(crypto, "unseal", opened)
    monkeypatch.setattr(Keyring, "unwrap", opened)


@pytest.mark.parametrize(
    ("name", "start"),
    first_of(
        [("sub_a_admin", "/o/acme-games/"), ("root_owner", "/o/acme/"), ("operator", "/admin/")], count=1
    ),
)
def test_no_page_opens_a_secret(cast: Cast, name: str, start: str, request: pytest.FixtureRequest) -> None:
    key = factories.make_key(cast.root)
    assert key.team is not None
    factories.mirror(key.team)
    share(SYSTEM, key.credential, with_all=True, chosen=[])
    factories.make_key(cast.sub_a)
    factories.make_key(cast.root).credential.archive(SYSTEM)
    request.getfixturevalue("nothing_opens")

    answers = crawl(cast.client(name), start)

    assert len(answers) > 40
    assert {answer.status_code for answer in answers.values()} <= {200, 302, 405}
    assert any(str(key.credential.pk) in address for address in answers)
    assert not AuditEvent.objects.filter(action="credential:revealed").exists()


def test_neither_rows_nor_dumps_nor_saves_open_a_secret(
    cast: Cast, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    credential = store(cast.root)
    request.getfixturevalue("nothing_opens")

    list(Credential.objects.all())
    list(Credential.objects.values())
    credential.refresh_from_db()
    credential.save()
    credential.rename(SYSTEM, "Renamed")
    share(SYSTEM, credential, with_all=True, chosen=[])
    credential.archive(SYSTEM)
    credential.restore(SYSTEM)
    call_command("dumpdata", "credentials")
    assert "Renamed" in capsys.readouterr().out
