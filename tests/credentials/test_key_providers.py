"""One contract for all that hold master keys: local ones, Vault's or OpenBao's transit engine, AWS KMS."""

import base64
import secrets
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import boto3
import pytest
from moto.server import ThreadedMotoServer

from credentials.crypto import SealError, canonical, new_data_key
from credentials.keys.aws_kms import AwsKmsKeys
from credentials.keys.errors import KeyProviderUnreachableError, MasterKeyError
from credentials.keys.keyring import Keyring
from credentials.keys.local import MasterKeys
from credentials.keys.provider import KeyProvider
from credentials.keys.transit import TransitKeys
from tests.credentials.transit_server import TransitServer
from tests.leaks import find_in, forms_of_secret

CONTEXT = canonical("data key", "deployment", "organization", "1")
REGION = "eu-central-1"


@dataclass
class Place:
    """A provider under test. `with_keys(n, m)` knows keys n and m of the same place, the first of which wraps."""

    with_keys: Callable[..., KeyProvider]


def _local() -> Iterator[Place]:
    keys = {n: f"key-{n}:{base64.b64encode(secrets.token_bytes(32)).decode()}" for n in range(3)}
    yield Place(lambda *numbers: MasterKeys.parse(",".join(keys[n] for n in numbers)))


def _transit() -> Iterator[Place]:
    vault = TransitServer("key-0", "key-1", "key-2")
    yield Place(lambda *numbers: TransitKeys(vault.url, [f"key-{n}" for n in numbers], token=vault.token))
    vault.stop()


def _aws_kms() -> Iterator[Place]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host.replace('0.0.0.0', '127.0.0.1')}:{port}"  # noqa: S104
    kms = boto3.client("kms", region_name=REGION, endpoint_url=url)
    keys = [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(3)]
    yield Place(lambda *numbers: AwsKmsKeys([keys[n] for n in numbers], REGION, url))
    kms.close()
    server.stop()


PLACES = {"local": _local, "transit": _transit, "aws-kms": _aws_kms}


@pytest.fixture(scope="module", autouse=True)
def aws_credentials() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="module", params=PLACES, ids=str)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    yield from PLACES[request.param]()


def test_what_was_wrapped_opens(place: Place) -> None:
    provider, data_key = place.with_keys(0), new_data_key()

    key_id, wrapped = provider.wrap(data_key, CONTEXT)

    assert key_id == provider.current == next(iter(provider.key_ids))
    assert provider.unwrap(key_id, wrapped, CONTEXT) == data_key
    assert 0 < len(key_id) <= 200  # it fits its column


def test_a_wrapped_key_shows_nothing_and_differs_each_time(place: Place) -> None:
    provider, data_key = place.with_keys(0), new_data_key()

    one, two = (provider.wrap(data_key, CONTEXT)[1] for _ in range(2))
    assert one != two
    assert find_in(one + two, forms_of_secret(data_key, "data key")) == []


@pytest.mark.parametrize(
    "damage", ["another context", "no context", "cut", "changed", "empty", "of another kind"]
)
def test_what_does_not_fit_does_not_open(place: Place, damage: str) -> None:
    provider = place.with_keys(0)
    key_id, wrapped = provider.wrap(new_data_key(), CONTEXT)
    context = {"another context": CONTEXT[:-1] + b"?", "no context": b""}.get(damage, CONTEXT)
    wrapped = {
        "cut": wrapped[:-4],
        "changed": wrapped[:-6] + bytes([wrapped[-6] ^ 1]) + wrapped[-5:],
        "empty": b"",
        "of another kind": b"\x00\xff" * 40,
    }.get(damage, wrapped)

    with pytest.raises(SealError, match=key_id):
        provider.unwrap(key_id, wrapped, context)


def test_another_key_of_the_same_place_does_not_open_it(place: Place) -> None:
    provider = place.with_keys(0, 1)
    _, wrapped = provider.wrap(new_data_key(), CONTEXT)
    _, another = provider.key_ids

    with pytest.raises((SealError, MasterKeyError)):  # moto calls it a matter of access
        provider.unwrap(another, wrapped, CONTEXT)


def test_the_first_key_wraps_and_all_unwrap(place: Place) -> None:
    data_key = new_data_key()
    key_id, wrapped = place.with_keys(0).wrap(data_key, CONTEXT)
    rotated = place.with_keys(1, 0)

    assert rotated.unwrap(key_id, wrapped, CONTEXT) == data_key
    assert rotated.wrap(data_key, CONTEXT)[0] == rotated.current != key_id


def test_a_key_that_is_not_configured_is_named_and_not_asked_for(place: Place) -> None:
    """Also where the place has it: whoever writes into the database must not choose the key."""
    key_id, wrapped = place.with_keys(2).wrap(new_data_key(), CONTEXT)

    with pytest.raises(MasterKeyError, match=f"“{key_id}” is needed"):
        place.with_keys(0, 1).unwrap(key_id, wrapped, CONTEXT)


def test_a_check_proves_the_current_key(place: Place) -> None:
    place.with_keys(0).check()


def test_keys_move_from_one_place_to_another(place: Place) -> None:
    """Both are configured until everything is wrapped anew."""
    data_key, before = (
        new_data_key(),
        MasterKeys.parse(f"old:{base64.b64encode(secrets.token_bytes(32)).decode()}"),
    )
    key_id, wrapped = before.wrap(data_key, CONTEXT)
    ring = Keyring([place.with_keys(0), before], lifetime=0)

    assert ring.unwrap(key_id, wrapped, CONTEXT) == data_key
    moved_id, moved = ring.wrap(data_key, CONTEXT)
    assert moved_id == place.with_keys(0).current
    assert Keyring([place.with_keys(0)], lifetime=0).unwrap(moved_id, moved, CONTEXT) == data_key
    with pytest.raises(MasterKeyError, match="“old” is needed"):
        Keyring([place.with_keys(0)], lifetime=0).unwrap(key_id, wrapped, CONTEXT)


# What only a provider behind a network can do


@pytest.fixture
def vault() -> Iterator[TransitServer]:
    server = TransitServer("key-0")
    yield server
    server.stop()


def test_a_key_that_the_engine_rotates_opens_what_was_wrapped_before(vault: TransitServer) -> None:
    provider, data_key = TransitKeys(vault.url, ["key-0"], token=vault.token), new_data_key()
    key_id, wrapped = provider.wrap(data_key, CONTEXT)
    vault.rotate("key-0")

    assert provider.unwrap(key_id, wrapped, CONTEXT) == data_key
    assert provider.wrap(data_key, CONTEXT)[1].startswith(b"vault:v2:")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_engine_that_is_sealed_or_busy_is_unreachable(vault: TransitServer, status: int) -> None:
    vault.answer_with = (status, {}, b'{"errors": ["Vault is sealed"]}')
    with pytest.raises(
        KeyProviderUnreachableError, match=rf"127\.0\.0\.1:\d+ does not serve now \(status {status}\)"
    ):
        TransitKeys(vault.url, ["key-0"], token=vault.token).check()


def test_a_refused_token_is_told_and_never_shown(vault: TransitServer) -> None:
    wrong = secrets.token_urlsafe(24)
    provider = TransitKeys(vault.url, ["key-0"], token=wrong)
    with pytest.raises(MasterKeyError, match="refuses our token for `transit/encrypt/key-0`") as caught:
        provider.check()
    assert wrong not in f"{caught.value} {provider!r}"


def test_a_redirect_is_not_followed(vault: TransitServer) -> None:
    elsewhere = TransitServer("key-0")
    vault.answer_with = (307, {"location": f"{elsewhere.url}/v1/transit/encrypt/key-0"}, b"")
    with pytest.raises(MasterKeyError, match="status 307"):
        TransitKeys(vault.url, ["key-0"], token=vault.token).check()
    assert elsewhere.requests == []
    elsewhere.stop()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"data": null}', b'{"data": {}}'], ids=repr)
def test_what_is_no_transit_engine_is_told(vault: TransitServer, body: bytes) -> None:
    vault.answer_with = (200, {}, body)
    with pytest.raises(MasterKeyError, match="not as Vault's or OpenBao's"):
        TransitKeys(vault.url, ["key-0"], token=vault.token).check()


def test_a_token_that_an_agent_renews_is_read_anew(vault: TransitServer, tmp_path: object) -> None:
    file = tmp_path / "token"  # type: ignore[operator]
    provider = TransitKeys(vault.url, ["key-0"], token_file=str(file))
    with pytest.raises(MasterKeyError, match="cannot be read"):
        provider.check()
    file.write_text(vault.token + "\n")
    provider.check()
    vault.token = "renewed"
    file.write_text("renewed")
    provider.check()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_nobody_at_the_address_is_unreachable() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    for provider in (TransitKeys(url, ["key-0"], token="t"), AwsKmsKeys(["key-0"], REGION, url)):
        with pytest.raises(KeyProviderUnreachableError):
            provider.check()


@pytest.mark.parametrize(
    "url",
    ["", "vault", "ftp://vault", "http://vault.example", "https://", "https://user:pw@vault.example"],
    ids=repr,
)
def test_an_address_that_would_not_do_is_refused(url: str) -> None:
    with pytest.raises(MasterKeyError, match="CREDHUB_TRANSIT_URL"):
        TransitKeys(url, ["key-0"], token="t")


def test_an_alias_at_aws_is_refused_because_it_may_point_elsewhere_tomorrow() -> None:
    for name in ("alias/credhub", "arn:aws:kms:eu-central-1:111122223333:alias/credhub"):
        with pytest.raises(MasterKeyError, match="alias"):
            AwsKmsKeys([name])


def test_without_boto3_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    with pytest.raises(MasterKeyError, match="pip install boto3"):
        AwsKmsKeys(["key-0"], REGION).check()
