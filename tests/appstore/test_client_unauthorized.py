"""A 401: asked again once, then explained."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from appstore.client.client import AppStoreConnectClient
from appstore.client.errors import Forbidden, Unauthorized
from appstore.client.tokens import TokenMinter
from appstore.client.transport import Doubt

BASE = "https://api.appstoreconnect.apple.com"
APPS = f"{BASE}/v1/apps"
PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)


@pytest.fixture
def apple() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def client() -> AppStoreConnectClient:
    return AppStoreConnectClient(BASE, TokenMinter("2X9R4HXF34", "issuer", PEM, "appstoreconnect-v1", "TEAM"))


class Open:
    """A gate that holds nothing back."""

    def __init__(self) -> None:
        self.doubt = Doubt()

    def before(self) -> None: ...

    def after(self, rate_limit: str) -> None: ...


def refused() -> Unauthorized:
    with client() as apple_client, pytest.raises(Unauthorized) as caught:
        apple_client.get("/v1/apps")
    return caught.value


def tokens(mock: responses.RequestsMock) -> list[str]:
    return [call.request.headers["Authorization"].removeprefix("Bearer ") for call in mock.calls]


def test_a_401_is_asked_again_once_with_a_fresh_token(apple: responses.RequestsMock) -> None:
    apple.get(APPS, status=401)
    apple.get(APPS, json={"data": []})
    with client() as apple_client:
        assert apple_client.get("/v1/apps") == {"data": []}

    assert len(set(tokens(apple))) == 2


def test_a_second_401_is_final(apple: responses.RequestsMock) -> None:
    apple.get(APPS, status=401)

    assert "Check the Key ID" in refused().message
    assert len(apple.calls) == 2


def test_lists_side_by_side_ask_again_once_for_all_of_them(apple: responses.RequestsMock) -> None:
    apple.get(APPS, status=401)
    minter = TokenMinter("2X9R4HXF34", "issuer", PEM, "appstoreconnect-v1", "TEAM")
    gate = Open()
    for _ in range(3):
        with AppStoreConnectClient(BASE, minter, gate=gate) as one, pytest.raises(Unauthorized):
            one.get("/v1/apps")
    assert len(apple.calls) == 2 + 1 + 1  # what was on its way is answered, and not asked again


@pytest.mark.parametrize(
    ("offset", "says"),
    [
        (timedelta(minutes=-7), "7 minutes ahead of Apple's"),
        (timedelta(minutes=90, seconds=5), "90 minutes behind Apple's"),
        (timedelta(hours=5, seconds=5), "5 hours behind Apple's"),
        (timedelta(seconds=70), "1 minute behind Apple's"),
        (timedelta(seconds=-70), "1 minute ahead of Apple's"),
        (timedelta(seconds=50), None),
        (timedelta(seconds=-50), None),
    ],
)
def test_a_wrong_clock_is_named(apple: responses.RequestsMock, offset: timedelta, says: str | None) -> None:
    apple.get(APPS, status=401, headers={"Date": format_datetime(datetime.now(UTC) + offset, usegmt=True)})
    message = refused().message

    assert ("clock" in message) == (says is not None)
    if says:
        assert message.endswith(f"This server's clock is {says}: correct that first.")


def test_a_wrong_clock_is_not_blamed_for_other_errors(apple: responses.RequestsMock) -> None:
    early = format_datetime(datetime.now(UTC) - timedelta(minutes=7), usegmt=True)
    apple.get(APPS, status=403, headers={"Date": early})
    with client() as apple_client, pytest.raises(Forbidden) as caught:
        apple_client.get("/v1/apps")

    assert "clock" not in caught.value.message


def test_the_skew_is_our_clock_minus_apples(apple: responses.RequestsMock) -> None:
    early = datetime.now(UTC) - timedelta(minutes=7)
    apple.get(APPS, json={}, headers={"Date": format_datetime(early, usegmt=True)})
    with client() as apple_client:
        assert apple_client.clock_skew is None
        apple_client.get("/v1/apps")

        assert apple_client.clock_skew is not None
        assert abs(apple_client.clock_skew - timedelta(minutes=7)) < timedelta(seconds=30)


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026 00:00:00 GMT"])
def test_a_strange_date_is_ignored(apple: responses.RequestsMock, date: str) -> None:
    apple.get(APPS, json={}, headers={"Date": date})
    with client() as apple_client:
        apple_client.get("/v1/apps")

        assert apple_client.clock_skew is None


def test_errors_never_hold_the_token(apple: responses.RequestsMock) -> None:
    apple.get(APPS, status=401)
    error = refused()

    shown = [repr(vars(error)), str(error)]
    traceback = error.__traceback__
    while traceback:
        if "/appstore/client/" in traceback.tb_frame.f_code.co_filename:
            shown.append(repr(traceback.tb_frame.f_locals))
        traceback = traceback.tb_next
    assert len(shown) > 3
    assert not any(token in text for token in tokens(apple) for text in shown)
