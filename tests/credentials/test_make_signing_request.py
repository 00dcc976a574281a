"""The certificate signing requests that CredHub makes: as Apple takes them, and openssl agrees."""

import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from credentials.making.signing_request import new_signing_request


def test_it_is_what_apple_takes() -> None:
    made = new_signing_request("Ada Lovelace", "ada@example.com", "GB")
    request = x509.load_pem_x509_csr(made.pem.encode())
    assert request.is_signature_valid
    key = request.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 2048
    names = [
        request.subject.get_attributes_for_oid(oid)[0].value
        for oid in (NameOID.COMMON_NAME, NameOID.EMAIL_ADDRESS, NameOID.COUNTRY_NAME)
    ]
    assert names == ["Ada Lovelace", "ada@example.com", "GB"]


def test_openssl_reads_version_zero_and_verifies() -> None:
    """With version 1 Apple says "The certificate request is invalid"."""
    made = new_signing_request("Zoë", "zoe@example.com", "AT")
    told = subprocess.run(
        ["openssl", "req", "-verify", "-noout", "-text"],
        input=made.pem.encode(),
        capture_output=True,
        check=True,
    )
    assert b"(0x0)" in told.stdout
    assert b"sha256WithRSAEncryption" in told.stdout
    assert b"verify OK" in told.stderr + told.stdout


def test_the_key_is_its_own_and_another_each_time() -> None:
    first, second = (new_signing_request("A", "a@example.com", "DE") for _ in range(2))
    assert first.private_key != second.private_key
    public = serialization.load_der_private_key(first.private_key, None).public_key()
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert spki == first.public_key
    assert x509.load_pem_x509_csr(first.pem.encode()).public_key() == public
    assert "private_key" not in repr(first)


@pytest.mark.parametrize(("name", "country"), [("", "DE"), ("A", "DEU")])
def test_what_a_subject_cannot_hold(name: str, country: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        new_signing_request(name, "a@example.com", country)
