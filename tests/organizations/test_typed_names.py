"""Names that people type are one visible line, wherever they come in."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from organizations.actors import SYSTEM
from organizations.models import Organization
from organizations.words import clean, typed_name
from tests import factories
from tests.conftest import Cast
from tests.credentials.support import store

TYPED = " Ac\u202eme\r\n  G\x00a\u200bmes\u2028\x1b[31m \ufeff"
STORED = "Acme Games [31m"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (TYPED, STORED),
        ("a\u2066b\u2069", "ab"),
        ("Größe 日本語 👩‍👩‍👧 عربي", "Größe 日本語 👩‍👩‍👧 عربي"),
        ("\ud800x", "x"),
        ("\u200b\u00ad", ""),
        (None, ""),
        (b"bytes", ""),
        ("x" * 300, "x" * 255),
    ],
    ids=["all of it", "isolates", "languages and joiners", "surrogate", "invisible", "none", "bytes", "long"],
)
def test_one_visible_line(typed: object, name: str) -> None:
    assert typed_name(typed) == name


def test_apples_names_go_through_the_same_door() -> None:
    assert clean("a\u202eb\u2028c\x00") == "abc"


def test_organizations(cast: Cast) -> None:
    cast.client("root_owner").post(
        reverse("organization-settings", args=["acme"]), {"name": TYPED.replace("\x00", "")}
    )
    cast.root.refresh_from_db()
    assert cast.root.name == STORED
    with pytest.raises(ValidationError, match="Give the organization a name"):
        Organization(name="\u200b").save()


def test_people(db: None) -> None:
    user = factories.make_user("ada@example.com", name=TYPED)
    user.refresh_from_db()
    assert user.name == STORED


def test_credentials(cast: Cast) -> None:
    credential = store(cast.root, name=TYPED.replace("\x00", ""))
    assert credential.name == STORED
    client, where = cast.client("root_owner"), ["acme", credential.pk]
    credential.rename(SYSTEM, f"Re{TYPED}")
    assert credential.name == f"Re {STORED}"
    answer = client.post(reverse("share-credential", args=where), {"name": "\u200b\u00ad"})
    assert "Give it a name that can be seen." in answer.content.decode()
    client.post(reverse("share-credential", args=where), {"name": f"{TYPED}!".replace("\x00", "")})
    credential.refresh_from_db()
    assert credential.name == f"{STORED} !"
