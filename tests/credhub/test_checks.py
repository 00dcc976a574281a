"""What a deployment is told at its start."""

import pytest
from pytest_django import Settings

from credhub.checks import apple_is_asked_in_secret


@pytest.mark.parametrize(
    ("url", "is_fine"),
    [
        ("https://api.appstoreconnect.apple.com", True),
        ("https://recorder.example/apple", True),
        ("http://127.0.0.1:8100", True),
        ("http://[::1]:8100", True),
        ("http://api.appstoreconnect.apple.com", False),
        ("http://localhost.evil.example", False),
        ("ftp://api.appstoreconnect.apple.com", False),
    ],
)
def test_apples_tokens_are_not_sent_in_the_clear(settings: Settings, url: str, is_fine: bool) -> None:
    settings.APPSTORE_API_URL = url
    settings.APPSTORE_ENTERPRISE_API_URL = "https://api.enterprise.developer.apple.com"
    assert [each.id for each in apple_is_asked_in_secret()] == ([] if is_fine else ["credhub.E004"])
