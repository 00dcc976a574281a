"""Names that come from Apple or from people, on every page that shows them: text, and never markup or a header."""

import io
import zipfile
from typing import Any

import pytest

from appstore.models import AppStoreConnectKey, DeveloperTeam
from credentials.making.zip_file import zip_of
from organizations.actors import SYSTEM
from tests import factories
from tests.conftest import Cast
from tests.crawl import crawl

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:7 }}%s%0d%0aX-Evil: 1"


@pytest.fixture
def things(cast: Cast) -> dict[str, list[Any]]:
    cast.root.rename(SYSTEM, f"Acme {HOSTILE}"[:80])
    cast.sub_a.rename(SYSTEM, f"Games {HOSTILE}"[:80])
    cast.root_viewer.name = HOSTILE
    cast.root_viewer.save()
    key: AppStoreConnectKey = factories.make_key(cast.root, name=HOSTILE[:100])
    assert key.team is not None
    DeveloperTeam.objects.filter(pk=key.team_id).update(name=HOSTILE, team_id=HOSTILE[:20])
    key.credential.record_check(key.credential.status_choice, HOSTILE)
    key.sync_runs.update(error_message=HOSTILE, state="FAILED")
    made = factories.mirror(key.team, count=1)
    texts = ("name", "display_name", "platform", "certificate_type", "profile_type", "profile_state", "identifier",
             "seed_id", "udid", "device_class", "status", "model", "serial_number", "apple_id")  # fmt: skip
    for (thing,) in made.values():
        for field in thing._meta.fields:
            if field.name in texts:
                setattr(thing, field.name, HOSTILE[: field.max_length])
        thing.save()
    return made


@pytest.mark.parametrize("start", ["/", "/admin/"])
def test_every_page_shows_them_as_text(cast: Cast, things: dict[str, list[Any]], start: str) -> None:
    answers = crawl(cast.client("root_owner"), start)
    shown = 0
    for address, answer in answers.items():
        assert answer.status_code < 500, address
        assert "X-Evil" not in answer.headers, address
        if answer.get("Content-Type", "").startswith("text/html"):
            page = answer.content.decode()
            assert "<script>alert" not in page, address
            assert "<img src=x" not in page, address
            assert "\"'><" not in page, address
            shown += "&lt;script&gt;" in page
    assert shown > 10


@pytest.mark.parametrize(
    ("name", "file"),
    [
        (HOSTILE, "scriptalert1scriptimg-srcx-onerroralert2-7add7-s0d0ax-evil-1"),
        ("../../etc/passwd", "etcpasswd"),
        ("\u202egnp.exe", "gnpexe"),
        ("日本語", "CERT1"),
        ("", "CERT1"),
        ("A" * 100, "a" * 100),
    ],
)
def test_file_names_of_downloads(cast: Cast, things: dict[str, list[Any]], name: str, file: str) -> None:
    for collection, extension in (("certificates", "cer"), ("profiles", "mobileprovision")):
        thing = things[collection][0]
        thing.name, thing.apple_id = name, "CERT1"
        thing.save()
        answer = cast.client("root_owner").get(f"/o/acme/{collection}/{thing.pk}/download/")
        assert answer["Content-Disposition"] == f'attachment; filename="{file}.{extension}"'
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Type"] in {"application/pkix-cert", "application/octet-stream"}


@pytest.mark.parametrize("apple_id", ['a"; filename="evil.exe', "a/../b", "a\\b", "a;b", "é"])
def test_an_id_of_apples_cannot_end_the_file_name(
    cast: Cast, things: dict[str, list[Any]], apple_id: str
) -> None:
    thing = things["certificates"][0]
    thing.name, thing.apple_id = "", apple_id
    thing.save()
    answer = cast.client("root_owner").get(f"/o/acme/certificates/{thing.pk}/download/")
    disposition = answer["Content-Disposition"].replace('\\"', "")
    assert disposition.startswith("attachment; filename")
    assert disposition.count('"') in {0, 2}


def test_no_name_in_a_zip_leads_out_of_its_folder() -> None:
    files = {
        "../a": b"1",
        "/b": b"2",
        "c/../../d": b"3",
        "e\\..\\f": b"4",
        "profiles/AppStore_*.mobileprovision": b"5",
    }
    with zipfile.ZipFile(io.BytesIO(zip_of(files))) as made:
        assert made.namelist() == [
            "_/a", "_/b", "c/_/_/d", "e_.._f", "profiles/AppStore_*.mobileprovision",
        ]  # fmt: skip
