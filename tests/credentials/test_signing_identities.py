"""Signing identities: what is refused and why, which key goes to which certificate, and what tools read of them."""

import base64
import io
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from credentials.models import Credential
from organizations.actors import SYSTEM
from organizations.audit import Action
from organizations.models import AuditEvent
from tests.conftest import Cast
from tests.credentials.apple_files import (
    DER,
    NOW,
    PASSWORD,
    PEM,
    cer,
    certificate,
    issue,
    key,
    key_der,
    p12,
    unmarked,
)
from tests.credentials.kind_uploads import Upload
from tests.credentials.revealing import REASON, fresh_client, page_of, ticket_on

pytestmark = pytest.mark.django_db
ADD = reverse("add-credential", args=["acme", "apple-certificate"])


def add(client: Client, file: bytes, file_name: str = "one.p12", **fields: Any) -> HttpResponse:
    fields.setdefault("password", PASSWORD)
    return client.post(ADD, Upload(fields, {"file": (file_name, file)}).data())


def errors(answer: HttpResponse) -> dict[str, list[str]]:
    assert answer.status_code == 400
    found: dict[str, list[str]] = answer.context["form"].errors
    return found


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client("root_owner")


@pytest.fixture
def request_here(cast: Cast, client: Client) -> Credential:
    """A certificate signing request that was made here, the usual way."""
    fields = {"name": "CI", "common_name": "Acme CI", "email": "ci@example.com", "country": "de"}
    assert client.post(reverse("add-credential", args=["acme", "signing-request"]), fields).status_code == 302
    return Credential.objects.get(kind="signing-request")


def issued(request: Credential, *, ends: Any = NOW + timedelta(days=300)) -> bytes:
    """What Apple makes of the request: a certificate with its public key, signed by somebody else's key."""
    csr = x509.load_pem_x509_csr(request.facts["csr"].encode())
    public_key = csr.public_key()
    assert isinstance(public_key, rsa.RSAPublicKey)
    return cer(issue(public_key, ends=ends))


def test_everything_public_is_a_fact_and_the_secret_is_the_key_alone(client: Client) -> None:
    own = certificate()
    assert add(client, p12(own, [certificate(key(1), "6.2.1", name="Chain")])).status_code == 302
    stored = Credential.objects.get()
    facts = stored.facts
    assert stored.name == "Apple Distribution: Acme Inc. (ABCDE12345)"
    assert stored.identifier == facts["sha256"]
    assert (facts["apple_type"], facts["team_id"], facts["organization"]) == (
        "DISTRIBUTION",
        "ABCDE12345",
        "Acme Inc.",
    )
    assert facts["serial_number"] == f"{own.serial_number:X}"
    assert facts["not_after"] == own.not_valid_after_utc.isoformat()
    assert stored.expires_at == own.not_valid_after_utc
    assert base64.b64decode(facts["certificate"]) == cer(own)
    assert facts["is_cloud_managed"] is False
    assert stored.reveal(SYSTEM, purpose="test") == key_der()


@pytest.mark.parametrize(
    ("file", "password", "field", "says"),
    [
        (p12(), "another one", "password", "does not open this file"),
        (p12(), "", "password", "needs its password"),
        (p12(None, []), PASSWORD, "file", "a private key in this file, and no certificate"),
        (p12(None, [certificate(key(1))]), PASSWORD, "file", "belongs to none of the certificates"),
        (p12(unmarked()), PASSWORD, "file", "not issued by Apple"),
        (cer(certificate()), "", "file", "no signing request of this organization belongs to it"),
        (cer(certificate(None, "6.1.4", "6.1.7", "6.1.32")), "", "file", "Apple keeps the private key"),
        (p12(certificate(ends=NOW - timedelta(days=1))), PASSWORD, "file", "This certificate expired on"),
        (b"hello", "", "file", "neither a .p12 file"),
    ],
    ids=["wrong password", "no password", "key alone", "another's", "not Apple's", "no request", "cloud", "expired",
         "text"],
)  # fmt: skip
def test_each_refusal_is_its_own(client: Client, file: bytes, password: str, field: str, says: str) -> None:
    answer = add(client, file, password=password)
    assert says in str(errors(answer)[field])
    assert not Credential.objects.exists()
    assert PASSWORD not in answer.content.decode().replace("&#x27;", "'")


def test_an_empty_password_is_one(client: Client) -> None:
    assert add(client, p12(password=""), password="").status_code == 302


def test_old_encryption_is_taken(client: Client, tmp_path: Path) -> None:
    """RC2 with 40 bits, as Keychain Access writes it."""
    (tmp_path / "key.pem").write_bytes(
        key().private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (tmp_path / "own.pem").write_bytes(certificate().public_bytes(PEM))
    command = ["openssl", "pkcs12", "-export", "-legacy", "-inkey", "key.pem", "-in", "own.pem"]
    made = subprocess.run(
        [*command, "-passout", f"pass:{PASSWORD}"], cwd=tmp_path, capture_output=True, check=True
    )
    assert add(client, made.stdout).status_code == 302


def test_an_expired_one_is_taken_by_who_says_so(client: Client) -> None:
    assert "although_expired" not in client.get(ADD).content.decode()
    old = p12(certificate(ends=NOW - timedelta(days=1)))
    assert 'name="although_expired"' in add(client, old).content.decode()
    answer = add(client, old, although_expired="on")
    assert answer.status_code == 302
    assert "Expired" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        (("6.3.2",), "It signs no app."),
        (("6.1.13",), "Developer ID Application"),
        (("6.1.99",), "of another type"),
    ],
    ids=["push", "Developer ID", "new"],
)
def test_its_type_is_told(client: Client, marks: tuple[str, ...], words: str) -> None:
    answer = add(client, p12(certificate(None, *marks)))
    assert answer.status_code == 302
    assert words in client.get(answer["Location"]).content.decode()


def test_the_same_again_is_not_replaced(client: Client) -> None:
    file = p12()
    assert add(client, file, name="The one").status_code == 302
    for more in ({}, {"replace_existing": "on"}):
        answer = add(client, file, **more)
        assert errors(answer)["__all__"] == ["It is here already, as “The one”."]
        assert "replace_existing" not in answer.content.decode()
    assert not AuditEvent.objects.filter(action=Action.CREDENTIAL_REPLACED).exists()


def test_the_request_made_here_gets_apples_certificate(client: Client, request_here: Credential) -> None:
    page = client.get(request_here.page_path()).content.decode()
    assert f'href="{ADD}"' in page
    assert "No signing identity yet." in page
    made = issued(request_here)
    assert add(client, made, "ios_distribution.cer", password="").status_code == 302
    stored = Credential.objects.get(kind="apple-certificate")
    private_key = stored.reveal(SYSTEM, purpose="test")
    assert private_key == request_here.reveal(SYSTEM, purpose="test")
    assert base64.b64decode(stored.facts["certificate"]) == made
    opened = AuditEvent.objects.filter(
        action=Action.CREDENTIAL_REVEALED, subject_id=str(request_here.pk)
    ).last()
    assert opened is not None
    assert "that Apple made for this request" in opened.facts["purpose"]
    page = client.get(request_here.page_path()).content.decode()
    assert stored.page_path() in page
    answer = add(client, made, "again.cer", password="")
    assert errors(answer)["__all__"] == [f"It is here already, as “{stored.name}”."]
    assert (
        AuditEvent.objects.filter(subject_id=str(request_here.pk), action=Action.CREDENTIAL_REVEALED).count()
        == 2
    )


def test_a_certificate_of_another_organizations_request_is_not_matched(
    cast: Cast, request_here: Credential
) -> None:
    outsider = cast.client("outsider")
    address = reverse("add-credential", args=[cast.other.slug, "apple-certificate"])
    answer = outsider.post(address, Upload({}, {"file": ("a.cer", issued(request_here))}).data())
    assert "no signing request of this organization" in str(errors(answer)["file"])


def test_an_archived_request_is_not_matched(client: Client, request_here: Credential) -> None:
    request_here.archive(SYSTEM)
    assert "no signing request" in str(errors(add(client, issued(request_here), password=""))["file"])


def test_what_nobody_may_see_stays_unseen_in_what_is_made_of_it(
    client: Client, request_here: Credential
) -> None:
    request_here.allow_reveal(SYSTEM, allowed=False)
    assert add(client, issued(request_here), password="").status_code == 302
    assert not Credential.objects.get(kind="apple-certificate").reveal_allowed


def hand_out(cast: Cast, stored: Credential, what: str) -> bytes:
    owner, page = fresh_client(cast.root_owner), page_of(stored)
    answer = owner.post(page, {"ticket": ticket_on(owner, page), "reason": REASON, "what": what})
    assert answer.status_code == 200
    content: bytes = answer.content
    return content


@pytest.mark.parametrize("what", ["p12", "p12-modern"])
def test_the_p12_opens_with_the_password_beside_it(cast: Cast, client: Client, what: str) -> None:
    own = certificate()
    assert add(client, p12(own), name="Acme’s key/1").status_code == 302
    passwords = set()
    for _ in range(2):
        archive = zipfile.ZipFile(io.BytesIO(hand_out(cast, Credential.objects.get(), what)))
        assert archive.namelist() == ["acmes-key1.p12", "password.txt"]
        password = archive.read("password.txt").decode()
        command = ["openssl", "pkcs12", "-nodes", "-passin", f"pass:{password}"]
        opened = subprocess.run(
            command, input=archive.read("acmes-key1.p12"), capture_output=True, check=True
        ).stdout
        found = serialization.load_pem_private_key(opened, None)
        assert (
            found.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            == key_der()
        )
        assert x509.load_pem_x509_certificate(opened) == own
        passwords.add(password)
    assert len(passwords) == 2


def test_the_pem_and_what_is_shown(cast: Cast, client: Client) -> None:
    own = certificate()
    add(client, p12(own), name="Acme")
    stored = Credential.objects.get()
    content = hand_out(cast, stored, "pem")
    assert x509.load_pem_x509_certificate(content) == own
    found = serialization.load_pem_private_key(content, None)
    assert (
        found.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()) == key_der()
    )
    assert base64.b64encode(key_der())[:60] in hand_out(cast, stored, "reveal")


def test_the_public_files_need_no_reveal(cast: Cast, client: Client, request_here: Credential) -> None:
    own = certificate()
    add(client, p12(own), name="Acme")
    admin = cast.client("root_owner")
    for stored, extension, content in [
        (Credential.objects.get(name="Acme"), "cer", cer(own)),
        (request_here, "certSigningRequest", request_here.facts["csr"].encode()),
    ]:
        address = reverse("download-credential", args=["acme", stored.pk])
        assert address in client.get(stored.page_path()).content.decode()
        answer = admin.get(address)
        assert answer.content == content
        assert f'.{extension}"' in answer["Content-Disposition"]
    assert AuditEvent.objects.filter(action=Action.ASSET_DOWNLOADED).count() == 2
    assert not AuditEvent.objects.filter(action=Action.CREDENTIAL_REVEALED).exists()
    request_here.archive(SYSTEM)
    assert admin.get(address).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"country": "DEU"}, "country"), ({"country": "D1"}, "country"), ({"email": "nobody"}, "email"),
     ({"email": "ada@bücher.example"}, "email"), ({"common_name": "ä" * 40}, "common_name"),
     ({"common_name": "\u200b"}, "common_name")],
    ids=["three letters", "a digit", "no address", "umlaut", "too many bytes", "nothing to see"],
)  # fmt: skip
def test_what_a_request_cannot_hold_is_told(client: Client, changes: dict[str, str], field: str) -> None:
    fields = {"common_name": "Ada", "email": "ada@example.com", "country": "GB"} | changes
    answer = client.post(reverse("add-credential", args=["acme", "signing-request"]), fields)
    assert list(errors(answer)) == [field]
