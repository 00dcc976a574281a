"""One file of a folder, read as what its content says that it is."""

from . import file_kinds
from .certificate import parse_certificate
from .errors import ParsingError
from .p12 import parse_p12
from .pem_text import as_text, from_base64, labels, only_block
from .private_key import parse_private_key
from .signed_profile import parse_signed_profile
from .signing_files import Found, FoundCertificate, FoundKey, FoundProfile

_READ = {
    file_kinds.CERTIFICATE, file_kinds.PRIVATE_KEY, file_kinds.P8, file_kinds.LOCKED_KEY, file_kinds.PROFILE,
    file_kinds.P12,
}  # fmt: skip


def is_signing_file(data: bytes) -> bool:
    """Whether this is a certificate, a key, a PKCS#12 or a profile, by its outline."""
    return file_kinds.file_kind("", data) in _READ


def read_signing_file(path: str, content: bytes, password: str = "") -> list[Found]:
    """What is in it: a .p12 gives its key, its certificate and the others that come with it.

    ParsingError of the parser that it is for, or "not-a-signing-file".
    """
    kind = file_kinds.file_kind("", content)
    if kind == file_kinds.CERTIFICATE:
        return [_certificate(path, _der(content))]
    if kind == file_kinds.PROFILE:
        signed = parse_signed_profile(content)
        return [FoundProfile(path, content, signed.profile, signed.certificates)]
    if kind == file_kinds.P12:
        return _read_p12(path, content, password)
    if kind in _READ:
        key = parse_private_key(content)
        return [FoundKey(path, key.pkcs8, key.public_key_sha256)]
    raise ParsingError(
        "not-a-signing-file",
        "This file holds neither a certificate, nor a private key, nor a provisioning profile.",
    )


def _read_p12(path: str, content: bytes, password: str) -> list[Found]:
    opened = parse_p12(content, password)
    key = parse_private_key(opened.private_key)
    found: list[Found] = [FoundKey(path, key.pkcs8, key.public_key_sha256)]
    if opened.certificate:  # the others are Apple's chain
        found.append(_certificate(path, opened.certificate.der))
    return found


def _certificate(path: str, der: bytes) -> FoundCertificate:
    return FoundCertificate(path, der, parse_certificate(der))


def _der(content: bytes) -> bytes:
    """Of a certificate in PEM or DER; more than one is a chain, which says nothing of whose it is."""
    text = as_text(content)
    if text is None:
        return content
    if len(labels(text)) != 1:
        raise ParsingError(
            "several-certificates",
            "There are several certificates in this file. Keep one in a file of its own.",
        )
    return from_base64(only_block(text).body or "") or b""
