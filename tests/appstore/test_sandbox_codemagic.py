"""A public client that was written for Apple works with the sandbox as it is."""

import tempfile
from pathlib import Path

import pytest
from codemagic.apple import AppStoreConnectApiError
from codemagic.apple.app_store_connect import AppStoreConnectApiClient, IssuerId, KeyIdentifier
from codemagic.apple.resources import BundleId, Device, Profile, SigningCertificate

from appstore.sandbox.model import IssuedKey
from tests.appstore.test_sandbox_support import World

pytest_plugins = ["tests.appstore.test_sandbox_support"]


@pytest.fixture
def sandbox_world(sandbox_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The client talks to the sandbox, and keeps its tokens, audits and logs in this test's folder."""
    monkeypatch.setattr(AppStoreConnectApiClient, "API_URL", f"{sandbox_world.sandbox.url}/v1")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return sandbox_world


def client(key: IssuedKey, **options: bool) -> AppStoreConnectApiClient:
    return AppStoreConnectApiClient(
        KeyIdentifier(key.key_id), IssuerId(key.issuer_id), key.p8.decode(), **options
    )


def ids(world: World, collection: str) -> set[str]:
    return {each["id"] for each in world.sandbox.objects(world.team, collection)}


@pytest.mark.parametrize(
    ("manager", "collection", "kind"),
    [
        ("signing_certificates", "certificates", SigningCertificate),
        ("profiles", "profiles", Profile),
        ("devices", "devices", Device),
        ("bundle_ids", "bundleIds", BundleId),
    ],
)
def test_everything_is_listed_over_several_pages(
    sandbox_world: World, monkeypatch: pytest.MonkeyPatch, manager: str, collection: str, kind: type
) -> None:
    paginate = AppStoreConnectApiClient.paginate
    monkeypatch.setattr(
        AppStoreConnectApiClient,
        "paginate",
        lambda self, url, params=None, page_size=10, limit=None: paginate(self, url, params, 10, limit),
    )
    with (api := client(sandbox_world.admin)).session:
        found = getattr(api, manager).list()
    assert {each.id for each in found} == ids(sandbox_world, collection)
    assert all(isinstance(each, kind) for each in found)
    pages = [each for each in sandbox_world.sandbox.requests if each.path == f"/v1/{collection}"]
    assert len(pages) == -(-len(found) // 10)
    assert {each.status for each in pages} == {200}


def test_what_the_client_makes_of_the_answers(sandbox_world: World) -> None:
    with (api := client(sandbox_world.admin)).session:
        certificate = api.signing_certificates.list()[0]
        assert certificate.common_name.endswith(")")
        assert api.signing_certificates.read(certificate.id).attributes == certificate.attributes
        profile = next(each for each in api.profiles.list() if each.attributes.profileContent)
        assert profile.profile_content.startswith(b"0")
        assert api.profiles.read_bundle_id(profile).id == api.profiles.get_bundle_id_resource_id(profile).id
        # By id: given a profile, this method asks the address of the linkages and expects certificates there.
        certificates = {each.id for each in api.profiles.list_certificates(profile.id)}
        assert certificates == {each.id for each in api.profiles.list_certificate_ids(profile)} != set()
        owner = api.profiles.read_bundle_id(profile)
        assert profile.id in [each.id for each in api.bundle_ids.list_profiles(owner)]
        assert all(each.id.startswith(owner.id) for each in api.bundle_ids.list_capabilities(owner))


def test_its_cached_token_is_taken_again(sandbox_world: World, tmp_path: Path) -> None:
    for _ in range(2):
        with (api := client(sandbox_world.admin, enable_jwt_cache=True)).session:
            assert len(api.devices.list()) == len(ids(sandbox_world, "devices"))
    assert list(tmp_path.rglob(sandbox_world.admin.key_id))


def test_errors_reach_the_client_as_apples(sandbox_world: World) -> None:
    with (
        (api := client(sandbox_world.app_manager)).session,
        pytest.raises(AppStoreConnectApiError, match="does not allow this request"),
    ):
        api.devices.list()
