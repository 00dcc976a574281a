"""Provisioning profiles: several at once, what each says, whose keys are here, and the file as Apple signed it."""

import subprocess
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from credentials.models import Credential
from credentials.sharing import share
from organizations.actors import SYSTEM
from organizations.audit import Action
from organizations.models import AuditEvent
from tests.conftest import Cast
from tests.credentials.apple_files import NOW, PASSWORD, certificate, issue, key, p12, profile

pytestmark = pytest.mark.django_db
ADD = reverse("add-credential", args=["acme", "provisioning-profile"])
FIRST, SECOND, THIRD = (f"{number}1111111-2222-3333-4444-555555555555" for number in "123")


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client("root_owner")


def upload(client: Client, *files: bytes | tuple[str, bytes]) -> HttpResponse:
    named = [each if isinstance(each, tuple) else (f"{number}.mobileprovision", each)
             for number, each in enumerate(files, start=1)]  # fmt: skip
    return client.post(ADD, {"file": [SimpleUploadedFile(*each) for each in named]})


def stored() -> list[Credential]:
    return list(Credential.objects.filter(kind="provisioning-profile").order_by("created_at"))


def text_of(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def test_everything_public_is_a_fact_and_the_file_stays_as_it_is(client: Client) -> None:
    own = certificate()
    file = profile(own)
    assert upload(client, file).status_code == 302
    (found,) = stored()
    facts = found.facts
    assert (found.identifier, found.name) == (FIRST, "Example Ad Hoc")
    assert found.expires_at is not None
    assert found.expires_at.isoformat() == facts["expires_at"]
    assert (facts["uuid"], facts["team_id"], facts["distribution"]) == (FIRST, "TEAM567890", "ad-hoc")
    assert (facts["application_identifier"], facts["platforms"]) == ("com.example.*", ["iOS", "xrOS"])
    assert (facts["udid_count"], facts["udids"]) == (2, ["00008030-001A2B3C4D5E6F70", "a" * 40])
    assert [each["sha256"] for each in facts["certificates"]] == facts["certificate_sha256s"]
    assert facts["certificates"][0]["serial_number"] == f"{own.serial_number:X}"
    assert found.reveal(SYSTEM, purpose="test") == file


def test_several_at_once_are_each_their_own(client: Client) -> None:
    answer = upload(client, *(profile(UUID=each) for each in (FIRST, SECOND, THIRD)))
    assert answer.status_code == 302
    assert "All 3 are stored." in client.get(answer["Location"]).content.decode()
    assert [each.identifier for each in stored()] == [FIRST, SECOND, THIRD]
    assert [each.name for each in stored()] == ["Example Ad Hoc", "Example Ad Hoc 2", "Example Ad Hoc 3"]
    assert AuditEvent.objects.filter(action=Action.CREDENTIAL_CREATED).count() == 3


def test_the_bad_ones_are_told_by_name_and_hold_up_no_other(client: Client) -> None:
    assert upload(client, profile()).status_code == 302
    answer = upload(
        client, ("again.mobileprovision", profile(UUID=FIRST.upper())), ("bad<b>.mobileprovision", b"hello"),
        ("cut.mobileprovision", profile(UUID=THIRD)[:700]), ("new.mobileprovision", profile(UUID=SECOND)),
        ("new twice.mobileprovision", profile(UUID=SECOND)), ("empty.mobileprovision", b""),
    )  # fmt: skip
    assert answer.status_code == 200
    assert [each.identifier for each in stored()] == [FIRST, SECOND]
    told = text_of(answer)
    assert "1 of 6 are stored" in told
    assert "again.mobileprovision</code>: It is here already, as “Example Ad Hoc”." in told
    assert "bad&lt;b&gt;.mobileprovision</code>: " in told
    assert "new twice.mobileprovision</code>: It is here already, as “Example Ad Hoc 2”." in told
    assert stored()[1].page_path() in told
    refused = [each.refusal for each in answer.context["outcomes"] if not each.credential]
    assert len(refused) == 5
    assert all(each.endswith(".") for each in refused)


def test_nothing_is_stored_where_all_are_bad(client: Client) -> None:
    answer = upload(client, b"one", b"two")
    assert answer.status_code == 400
    assert "None is stored" in text_of(answer)
    assert not stored()


def test_more_files_than_are_read_at_once(client: Client) -> None:
    answer = upload(client, *[b"x"] * 21)
    assert answer.status_code == 413
    assert "Send at most 20 at once." in text_of(answer)


def test_a_profile_without_readable_certificates_is_taken(client: Client) -> None:
    assert upload(client, profile(DeveloperCertificates=[b"nonsense"])).status_code == 302
    assert "A certificate that cannot be read" in text_of(client.get(stored()[0].page_path()))


def identity(client: Client, file: bytes, name: str) -> None:
    address = reverse("add-credential", args=["acme", "apple-certificate"])
    fields: dict[str, Any] = {"file": SimpleUploadedFile("one.p12", file), "password": PASSWORD, "name": name}
    assert client.post(address, fields).status_code == 302


def test_its_page_says_of_each_certificate_whose_key_is_here(client: Client) -> None:
    first, other = certificate(name="Nobody's"), certificate(key(1), name="Ada's")
    fields = {"name": "The request", "common_name": "CI", "email": "ci@example.com", "country": "DE"}
    client.post(reverse("add-credential", args=["acme", "signing-request"]), fields)
    request = Credential.objects.get(kind="signing-request")
    of_request = issue(x509.load_pem_x509_csr(request.facts["csr"].encode()).public_key(), name="Asked for")
    identity(client, p12(other, private_key=key(1)), "The identity")
    upload(client, profile(first, of_request, other))
    page = text_of(client.get(stored()[0].page_path()))
    assert "the private key of 1 of 3 certificates is here" in page
    rows = page.split("<tbody>")[1].split("<tr>")[1:]
    assert "Nobody&#x27;s" in rows[0]
    assert "Not here" in rows[0]
    assert "Asked for" in rows[1]
    assert f'with the request <a href="{request.page_path()}">The request</a>' in rows[1]
    assert "Ada&#x27;s" in rows[2]
    assert ">The identity</a>" in rows[2]
    assert "00008030-001A2B3C4D5E6F70" in page


def test_an_archived_identity_does_not_count(client: Client) -> None:
    own = certificate()
    identity(client, p12(own), "The identity")
    upload(client, profile(own))
    Credential.objects.get(kind="apple-certificate").archive(SYSTEM)
    page = text_of(client.get(stored()[0].page_path()))
    assert "the private key of none of its certificates is here" in page


@pytest.mark.parametrize(
    ("profile_ends", "certificate_ends", "says"),
    [(1, 1, "Apps can be signed with it from here: the private key of its certificate is here."),
     (1, -1, "the certificates whose private key is here have expired."),
     (-1, 1, "The profile expired: nothing new can be signed with it.")],
    ids=["both valid", "certificate expired", "profile expired"],
)  # fmt: skip
def test_what_expired_signs_nothing(
    client: Client, profile_ends: int, certificate_ends: int, says: str
) -> None:
    own = certificate(ends=NOW + timedelta(days=certificate_ends))
    address = reverse("add-credential", args=["acme", "apple-certificate"])
    fields = {"file": SimpleUploadedFile("a.p12", p12(own)), "password": PASSWORD, "although_expired": "on"}
    assert client.post(address, fields).status_code == 302
    ends = (NOW + timedelta(days=profile_ends)).replace(tzinfo=None)
    assert upload(client, profile(own, ExpirationDate=ends)).status_code == 302
    page = text_of(client.get(stored()[0].page_path()))
    assert says in page
    assert (", expired</td>" in page) is (certificate_ends < 0)


def test_a_sub_organization_sees_only_identities_that_are_shared_with_it(cast: Cast, client: Client) -> None:
    own = certificate()
    identity(client, p12(own), "The identity")
    upload(client, profile(own))
    (found,) = stored()
    share(SYSTEM, found, with_all=False, chosen=[cast.sub_a])
    developer = cast.client("sub_a_developer")
    assert "Not here" in text_of(developer.get(found.page_path(cast.sub_a)))
    share(SYSTEM, Credential.objects.get(kind="apple-certificate"), with_all=False, chosen=[cast.sub_a])
    assert "The identity</a>" in text_of(developer.get(found.page_path(cast.sub_a)))


@pytest.mark.parametrize(
    ("platforms", "extension"),
    [(["iOS"], "mobileprovision"), (["OSX"], "provisionprofile")],
    ids=["ios", "mac"],
)
def test_who_may_download_assets_gets_the_file_without_a_reveal(
    cast: Cast, client: Client, platforms: list[str], extension: str
) -> None:
    file = profile(Platform=platforms)
    upload(client, file)
    (found,) = stored()
    share(SYSTEM, found, with_all=False, chosen=[cast.sub_a])
    answer = cast.client("sub_a_developer").get(reverse("download-credential", args=["acme-games", found.pk]))
    assert answer.content == file
    assert f'filename="example-ad-hoc.{extension}"' in answer["Content-Disposition"]
    event = AuditEvent.objects.get(action=Action.ASSET_DOWNLOADED)
    assert event.actor_user == cast.sub_a_developer
    assert event.facts["kind"] == "provisioning-profile"
    opened = AuditEvent.objects.get(action=Action.CREDENTIAL_REVEALED)
    assert opened.actor_user is None  # CredHub itself
    command = ["openssl", "cms", "-verify", "-noverify", "-inform", "DER"]
    plist = subprocess.run(command, input=answer.content, capture_output=True, check=True).stdout
    assert b"<key>UUID</key>" in plist


def test_its_page_offers_the_file_and_no_reveal(cast: Cast, client: Client) -> None:
    upload(client, profile())
    (found,) = stored()
    page = client.get(found.page_path()).content.decode()
    assert reverse("download-credential", args=["acme", found.pk]) in page
    assert reverse("reveal-credential", args=["acme", found.pk]) not in page
    viewer = cast.client("root_viewer").get(found.page_path()).content.decode()
    assert reverse("download-credential", args=["acme", found.pk]) not in viewer


def test_the_certificates_of_a_profile_are_compared_whole(client: Client) -> None:
    """Another certificate for the same key is not the one that the profile names."""
    identity(client, p12(certificate(name="Renewed")), "The identity")
    old = certificate(name="Old")
    upload(client, profile(old))
    assert "Not here" in text_of(client.get(stored()[0].page_path()))
