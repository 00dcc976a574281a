"""What is not a .p8 is refused on the page: with its own message, with nothing stored, and never shown back."""

import pytest
from django.test import Client

from tests import factories
from tests.appstore.uploading import FILE_NAME, counts, errors_of, text_of, upload
from tests.conftest import Cast
from tests.credentials.test_parse_p8_refusals import REFUSED
from tests.leaks import find_in, forms_of

# One file of each kind that the parser tells apart
KINDS = {code: (data, says) for code, data, says in reversed(REFUSED)}


def shows_back(content: bytes, posted: bytes) -> bool:
    """Whether a line of what was posted is on the page."""
    return any(line in content for line in posted.split() if len(line) > 20)


@pytest.mark.parametrize("code", KINDS)
def test_a_file_of_another_kind_gets_its_own_message(cast: Cast, code: str) -> None:
    data, says = KINDS[code]
    before = counts()

    answer = upload(cast.client("root_owner"), cast.root, data)

    assert answer.status_code == 400
    (error,) = errors_of(answer)
    assert says in error
    assert "Nothing was saved." in text_of(answer)
    assert "Traceback" not in text_of(answer)
    assert not shows_back(answer.content, data)
    assert counts() == before


def test_no_two_kinds_share_a_message(cast: Cast) -> None:
    client = cast.client("root_owner")
    told = {errors_of(upload(client, cast.root, data))[0] for data, _ in KINDS.values()}
    assert len(told) == len(KINDS)


@pytest.mark.parametrize(
    "code", [code for code, (data, _) in KINDS.items() if data.strip() and data.isascii()]
)
def test_pasted_text_of_another_kind_gets_the_same_message(cast: Cast, code: str) -> None:
    data, says = KINDS[code]
    if b"\0" in data:
        pytest.skip("no browser sends NUL in a text area; see below")
    before = counts()

    answer = upload(cast.client("root_owner"), cast.root, text=data.decode(), key_id="2X9R4HXF34")

    assert answer.status_code == 400
    (error,) = errors_of(answer)
    assert says in error
    assert not shows_back(answer.content, data)
    assert counts() == before


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        (None, "", "Choose the .p8 file that Apple let you download, or paste its text."),
        (None, " \r\n\t ", "Choose the .p8 file that Apple let you download, or paste its text."),
        (b"{p8}", "{p8}", "Choose the file or paste the text, not both."),
        (b"{p8}", "x", "Choose the file or paste the text, not both."),
        (b"", "{p8}", "Choose the file or paste the text, not both."),
    ],
)
def test_one_of_file_and_text(cast: Cast, file: bytes | None, text: str, says: str) -> None:
    p8, before = factories.make_p8(), counts()

    answer = upload(
        cast.client("root_owner"),
        cast.root,
        file and file.replace(b"{p8}", p8),
        text=text.replace("{p8}", p8.decode()),
        key_id="2X9R4HXF34",
    )

    assert answer.status_code == 400
    assert errors_of(answer) == [says]
    assert find_in(answer.content, forms_of(p8)) == []
    assert counts() == before


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"key_id": ""}, "Type the Key ID."),
        ({"key_id": "  "}, "Type the Key ID."),
        ({"key_id": "SHORT"}, "A Key ID is about 10 letters and digits"),
        ({"key_id": "2X9R4HXF3/"}, "A Key ID is about 10 letters and digits"),
        ({"key_id": "2X9R4HXF34" * 3}, "A Key ID is about 10 letters and digits"),
        ({"key_id": "ÄX9R4HXF34"}, "A Key ID is about 10 letters and digits"),
        ({"key_id": "2X9R4HXF34" * 5}, "at most 40 characters"),
        ({"issuer_id": ""}, "Type the Issuer ID."),
        ({"issuer_id": "  "}, "Type the Issuer ID."),
        ({"issuer_id": "not an issuer"}, "An Issuer ID is letters, digits and dashes"),
        ({"issuer_id": "a" * 65}, "An Issuer ID is letters, digits and dashes"),
        ({"issuer_id": "a" * 81}, "at most 80 characters"),
        ({"key_type": "ENTERPRISE", "issuer_id": ""}, "Type the Issuer ID."),
        ({"key_type": "INDIVIDUAL"}, "Individual keys have no Issuer ID."),
        ({"key_type": "SUBSCRIPTION"}, "SUBSCRIPTION is not one of the available choices."),
        ({"name": "n" * 101}, "at most 100 characters"),
        ({"key_id": "2X9R\x00HXF34"}, "Null characters are not allowed."),
        ({"issuer_id": "5724\x006542"}, "Null characters are not allowed."),
        ({"name": "Na\x00me"}, "Null characters are not allowed."),
        ({"key_type": "TE\x00AM"}, "is not one of the available choices."),
    ],
)
def test_a_good_key_with_bad_facts_is_not_stored_and_not_shown_back(
    cast: Cast, fields: dict[str, str], says: str
) -> None:
    p8, before = factories.make_p8(), counts()

    answer = upload(
        cast.client("root_owner"), cast.root, text=p8.decode(), **{"key_id": "2X9R4HXF34", **fields}
    )

    assert answer.status_code == 400
    assert any(says in error for error in errors_of(answer)), errors_of(answer)
    assert "Traceback" not in text_of(answer)
    assert find_in(answer.content, forms_of(p8)) == []
    assert counts() == before


def test_nul_in_the_pasted_text_is_refused(cast: Cast) -> None:
    p8 = factories.make_p8()
    answer = upload(cast.client("root_owner"), cast.root, text=p8.decode() + "\x00", key_id="2X9R4HXF34")

    assert answer.status_code == 400
    assert "Null characters are not allowed." in errors_of(answer)
    assert find_in(answer.content, forms_of(p8)) == []


@pytest.mark.parametrize("field", ["key_id", "issuer_id", "name"])
def test_a_key_that_was_pasted_into_the_wrong_field_is_not_shown_back(cast: Cast, field: str) -> None:
    p8 = factories.make_p8()
    answer = upload(cast.client("root_owner"), cast.root, **{field: p8.decode()})

    assert answer.status_code == 400
    assert errors_of(answer)
    assert find_in(answer.content, forms_of(p8)) == []


def test_what_was_typed_beside_the_key_is_kept_for_the_next_try(cast: Cast) -> None:
    answer = upload(
        cast.client("root_owner"),
        cast.root,
        b"junk",
        key_id="ABCDEF1234",
        name="Our key",
        key_type="ENTERPRISE",
    )
    page = answer.content.decode()
    assert 'value="ABCDEF1234"' in page
    assert 'value="Our key"' in page
    assert 'value="ENTERPRISE" checked' in page


@pytest.mark.parametrize("name", ["SubscriptionKey_2X9R4HXF34.p8", "subscriptionkey_2X9R4HXF34.p8"])
def test_an_in_app_purchase_key_is_named(cast: Cast, name: str) -> None:
    answer = upload(cast.client("root_owner"), cast.root, factories.make_p8(), file_name=name)

    assert answer.status_code == 400
    assert any(error.startswith("This is an In-App Purchase key") for error in errors_of(answer))


@pytest.mark.parametrize("name", ["root_viewer", "sub_a_admin", "outsider", "anonymous"])
def test_who_may_not_manage_credentials_stores_nothing(cast: Cast, name: str) -> None:
    p8, before = factories.make_p8(), counts()
    answer = upload(cast.client(name), cast.root, p8)

    assert answer.status_code in {302, 403, 404}
    assert "credentials/" not in answer.get("Location", "").partition("?")[0]
    assert find_in(answer.content, forms_of(p8)) == []
    assert counts() == before


def test_without_the_forms_token_nothing_is_stored(cast: Cast) -> None:
    p8, before = factories.make_p8(), counts()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.root_owner, backend="organizations.sign_in_backend.SignInBackend")
    answer = upload(strict, cast.root, p8, file_name=FILE_NAME)

    assert answer.status_code == 403
    assert "This form is out of date" in text_of(answer)
    assert find_in(answer.content, forms_of(p8)) == []
    assert counts() == before
