"""A .p8 is accepted however it was exported or pasted, and with the facts that Apple's own pages give."""

import base64
import re
from collections.abc import Callable

import pytest
from django.urls import reverse

from appstore.models import AppStoreConnectKey, DeveloperTeam, KeyType
from appstore.models.developer_team import Program
from organizations.actors import SYSTEM
from tests import factories
from tests.appstore.uploading import ISSUER, address, errors_of, stored, text_of, upload
from tests.conftest import Cast

DRESSES: dict[str, Callable[[bytes], bytes]] = {
    "as Apple hands it out": lambda p8: p8,
    "without the last line break": bytes.strip,
    "CRLF": lambda p8: p8.replace(b"\n", b"\r\n"),
    "CR alone": lambda p8: p8.replace(b"\n", b"\r"),
    "byte order mark": lambda p8: b"\xef\xbb\xbf" + p8,
    "UTF-16": lambda p8: p8.decode().encode("utf-16"),
    "escaped line breaks": lambda p8: p8.replace(b"\n", b"\\n"),
    "quoted, as in .env": lambda p8: b'"' + p8.replace(b"\n", b"\\n") + b'"',
    "base64 of the PEM": base64.b64encode,
    "base64 of the PEM, in lines": base64.encodebytes,
    "one line": lambda p8: p8.replace(b"\n", b" "),
    "blank lines around": lambda p8: b"\n\n  " + p8 + b"\n\n",
}


@pytest.mark.parametrize("dress", DRESSES)
def test_a_file_is_read_and_its_key_is_what_opens(cast: Cast, dress: str) -> None:
    p8 = factories.make_p8()
    key = stored(upload(cast.client("root_owner"), cast.root, DRESSES[dress](p8)))

    assert key.credential.reveal(SYSTEM, purpose="test") == p8
    assert (key.key_id, key.issuer_id, key.key_type) == ("2X9R4HXF34", ISSUER, KeyType.TEAM)


@pytest.mark.parametrize("dress", [dress for dress in DRESSES if dress != "UTF-16"])
def test_pasted_text_is_read_in_the_same_way(cast: Cast, dress: str) -> None:
    p8 = factories.make_p8()
    text = DRESSES[dress](p8).decode()
    key = stored(upload(cast.client("root_owner"), cast.root, text=text, key_id="2X9R4HXF34"))

    assert key.credential.reveal(SYSTEM, purpose="test") == p8


@pytest.mark.parametrize(
    ("file_name", "key_id"),
    [
        ("AuthKey_2X9R4HXF34.p8", "2X9R4HXF34"),
        ("ApiKey_2X9R4HXF34.p8", "2X9R4HXF34"),
        ("AuthKey_2X9R4HXF34 (1).p8", "2X9R4HXF34"),
        ("AuthKey_2X9R4HXF34 copy.p8", "2X9R4HXF34"),
        ("authkey_2x9r4hxf34.P8", "2X9R4HXF34"),
        ("C:\\keys\\AuthKey_2X9R4HXF34.p8", "2X9R4HXF34"),
        ("AuthKey_2X9R4HXF34.p8.txt", "2X9R4HXF34"),
    ],
)
def test_the_key_id_is_read_from_the_files_name(cast: Cast, file_name: str, key_id: str) -> None:
    answer = upload(cast.client("root_owner"), cast.root, factories.make_p8(), file_name=file_name)
    assert stored(answer).key_id == key_id


@pytest.mark.parametrize("typed", ["2X9R4HXF34", "2x9r4hxf34", "  2X9R4HXF34 "])
def test_the_key_id_can_be_typed(cast: Cast, typed: str) -> None:
    for file_name in ("renamed.p8", "AuthKey_2X9R4HXF34.p8"):
        AppStoreConnectKey.objects.all().delete()
        for credential in cast.root.credentials.all():
            credential.archive(SYSTEM)
        answer = upload(
            cast.client("root_owner"), cast.root, factories.make_p8(), file_name=file_name, key_id=typed
        )
        assert stored(answer).key_id == "2X9R4HXF34"


@pytest.mark.parametrize(
    "issuer_id",
    [
        "57246542-96fe-1a63-e053-0824d011072a",  # Apple's own example: version 1, variant reserved
        "69a6de7e-0000-0000-e053-5b8c7c11a4d1",
        "00000000-0000-0000-0000-000000000000",
        "69A6DE7E-1B2C-47E3-E053-5B8C7C11A4D1",
        "abc123",
    ],
)
def test_an_issuer_id_need_not_follow_rfc_4122(cast: Cast, issuer_id: str) -> None:
    key = stored(
        upload(cast.client("root_owner"), cast.root, factories.make_p8(), issuer_id=f" {issuer_id} ")
    )
    assert key.issuer_id == issuer_id


@pytest.mark.parametrize(
    ("key_type", "issuer_id", "program"),
    [
        ("TEAM", ISSUER, Program.APP_STORE),
        ("ENTERPRISE", ISSUER, Program.ENTERPRISE),
        ("INDIVIDUAL", "", None),
    ],
)
def test_each_type_of_key(cast: Cast, key_type: str, issuer_id: str, program: Program | None) -> None:
    key = stored(
        upload(
            cast.client("root_owner"), cast.root, factories.make_p8(), key_type=key_type, issuer_id=issuer_id
        )
    )

    assert key.key_type == key_type
    assert (key.team and key.team.program) == program
    facts = dict(key.credential.facts)
    assert len(facts.pop("public_key_sha256")) == 64
    assert facts == {"key_id": "2X9R4HXF34", "issuer_id": issuer_id, "key_type": key_type}


@pytest.mark.parametrize(
    ("file_name", "issuer_id", "key_type"),
    [("AuthKey_2X9R4HXF34.p8", ISSUER, "TEAM"), ("ApiKey_2X9R4HXF34.p8", "", "INDIVIDUAL")],
)
def test_the_type_is_guessed_from_the_files_name_when_none_is_posted(
    cast: Cast, file_name: str, issuer_id: str, key_type: str
) -> None:
    answer = upload(
        cast.client("root_owner"),
        cast.root,
        factories.make_p8(),
        file_name=file_name,
        issuer_id=issuer_id,
        key_type=None,
    )
    assert stored(answer).key_type == key_type


def test_without_a_name_the_key_is_called_by_type_and_id(cast: Cast) -> None:
    key = stored(upload(cast.client("root_owner"), cast.root, factories.make_p8(), name="  "))
    assert key.credential.name == "Team key 2X9R4HXF34"


def test_a_name_is_kept_without_its_odd_spaces(cast: Cast) -> None:
    key = stored(upload(cast.client("root_owner"), cast.root, factories.make_p8(), name="  Our \t key "))
    assert key.credential.name == "Our key"


def test_keys_of_one_issuer_share_their_team(cast: Cast) -> None:
    client = cast.client("root_owner")
    for file_name in ("AuthKey_AAAAAAAAAA.p8", "AuthKey_BBBBBBBBBB.p8"):
        stored(upload(client, cast.root, factories.make_p8(), file_name=file_name))
    assert DeveloperTeam.objects.count() == 1


def test_an_admin_of_a_sub_organization_adds_keys_of_its_own(cast: Cast) -> None:
    key = stored(upload(cast.client("sub_a_admin"), cast.sub_a, factories.make_p8()))
    assert key.credential.organization == cast.sub_a
    assert key.credential.created_by == cast.sub_a_admin


def test_the_page_says_what_people_need_to_know(cast: Cast) -> None:
    page = text_of(cast.client("root_owner").get(address(cast.root)))
    for words in (
        "Apple lets you download a key once only", "Team key", "Individual key", "Enterprise key", "Which role does",
        "Issuer ID", "Paste the key as text instead",
    ):  # fmt: skip
        assert words in re.sub(r"</?strong>", "", page)
    assert 'enctype="multipart/form-data"' in page
    assert 'type="file"' in page


def test_after_saving_one_is_on_the_keys_page_which_says_that_apple_is_asked(cast: Cast) -> None:
    client = cast.client("root_owner")
    answer = upload(client, cast.root, factories.make_p8(), name="Our key")
    page = text_of(client.get(answer["Location"]))

    assert "Our key is stored. Asking Apple whether it works…" in page
    assert "Asking Apple whether the key works" in page
    assert reverse("key-progress", args=[cast.root.slug, stored(answer).credential.pk]) in page


def test_the_upload_answers_with_no_error_list_when_it_is_first_opened(cast: Cast) -> None:
    answer = cast.client("root_owner").get(address(cast.root))
    assert errors_of(answer) == []
    assert "Nothing was saved" not in text_of(answer)


def test_a_key_id_that_was_typed_counts_more_than_the_name_of_the_file(cast: Cast) -> None:
    key = stored(upload(cast.client("root_owner"), cast.root, factories.make_p8(), key_id="ABCDEF1234"))

    assert key.key_id == "ABCDEF1234"
