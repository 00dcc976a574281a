"""What the file name of a key tells."""

import pytest

from credentials.parsing.p8 import key_id_from_filename, key_type_from_filename, looks_like_subscription_key


@pytest.mark.parametrize(
    ("name", "key_id", "key_type"),
    [
        ("AuthKey_2X9R4HXF34.p8", "2X9R4HXF34", "TEAM"),
        ("ApiKey_2X9R4HXF34.p8", "2X9R4HXF34", "INDIVIDUAL"),
        ("AuthKey_2X9R4HXF34 (1).p8", "2X9R4HXF34", "TEAM"),
        ("AuthKey_2X9R4HXF34(12).p8", "2X9R4HXF34", "TEAM"),
        ("AuthKey_2X9R4HXF34-2.p8", "2X9R4HXF34", "TEAM"),
        ("ApiKey_2X9R4HXF34 copy 2.p8", "2X9R4HXF34", "INDIVIDUAL"),
        ("/srv/me/private_keys/AuthKey_2X9R4HXF34.p8", "2X9R4HXF34", "TEAM"),
        (r"C:\Users\me\Downloads\AuthKey_2X9R4HXF34.p8", "2X9R4HXF34", "TEAM"),
        ("authkey_2x9r4hxf34.P8.txt", "2X9R4HXF34", "TEAM"),
        ("SubscriptionKey_2X9R4HXF34.p8", None, None),
        ("key.p8", None, None),
        ("AuthKey_.p8", None, None),
        ("AuthKey_2X9R4HXF34.pem", None, None),
        ("AuthKey_2X9R4HXF34.p8\n.exe", None, None),
        ("", None, None),
    ],
)
def test_file_names_tell_the_key_id_and_type(name: str, key_id: str | None, key_type: str | None) -> None:
    assert key_id_from_filename(name) == key_id
    assert key_type_from_filename(name) == key_type


def test_in_app_purchase_keys_are_known_by_their_name() -> None:
    assert looks_like_subscription_key("downloads/SubscriptionKey_2X9R4HXF34.p8")
    assert not looks_like_subscription_key("AuthKey_2X9R4HXF34.p8")
