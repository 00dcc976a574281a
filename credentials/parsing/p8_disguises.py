"""From the text of an upload to the DER of its one private key block, naming what is something else."""

from .der_kind import binary_kind
from .errors import ParsingError
from .p8_refusals import refusal
from .pem_text import as_text, from_base64, labels, only_block, plain

_BASE64_OF_BEGIN = "LS0tLS1CRUdJTi"  # how base64 of "-----BEGIN " starts

_LABELS = {
    "EC PRIVATE KEY": "sec1-key",
    "RSA PRIVATE KEY": "rsa-key",
    "DSA PRIVATE KEY": "other-algorithm",
    "OPENSSH PRIVATE KEY": "openssh-key",
    "ENCRYPTED PRIVATE KEY": "encrypted-key",
    "PUBLIC KEY": "public-key",
    "RSA PUBLIC KEY": "public-key",
    "CERTIFICATE": "certificate",
    "X509 CERTIFICATE": "certificate",
    "TRUSTED CERTIFICATE": "certificate",
    "CERTIFICATE REQUEST": "certificate-request",
    "NEW CERTIFICATE REQUEST": "certificate-request",
    "PKCS7": "provisioning-profile",
    "CMS": "provisioning-profile",
}


def key_body(text: str) -> bytes:
    """The bytes between BEGIN PRIVATE KEY and END PRIVATE KEY. They may still be anything."""
    text = plain(text)
    if not text:
        raise refusal("empty")
    if text[0] in "{[<":
        raise _markup(text)
    if not labels(text):
        text = _inside_base64(text)
    return _body(text)


def _inside_base64(text: str) -> str:
    """The PEM text that `text` is the base64 of; only one layer, so nesting cannot go on for ever."""
    if "BEGIN" in text or "PRIVATE KEY" in text:
        raise refusal("damaged-markers")
    decoded = from_base64(text)
    if decoded is None:
        raise refusal("damaged-base64" if text.startswith(_BASE64_OF_BEGIN) else "not-a-key")
    inner = as_text(decoded)
    if inner is None:
        kind = binary_kind(decoded)
        raise refusal({"der-key": "markers-missing", "not-text": "not-a-key"}.get(kind, kind))
    inner = plain(inner)
    if inner[:1] in ("{", "<"):
        raise _markup(inner)
    if not labels(inner):
        raise refusal("not-a-key")
    return inner


def _body(text: str) -> bytes:
    found = labels(text)
    if found == ["EC PARAMETERS", "EC PRIVATE KEY"]:  # what `openssl ecparam -genkey` writes
        raise refusal("sec1-key")
    if len(found) > 1:
        raise refusal("several-blocks", blocks=_listed(found))
    block = only_block(text)
    if block.label != "PRIVATE KEY":
        raise _other_block(block.label)
    if block.body is None:
        raise refusal("incomplete")
    if block.around:
        raise refusal("surrounding-text")
    der = from_base64(block.body)
    if not der:
        raise refusal("damaged-base64")
    return der


def _other_block(label: str) -> ParsingError:
    kind = _LABELS.get(label)
    return refusal(kind) if kind else refusal("unknown-block", label=label)


def _listed(found: list[str]) -> str:
    names = [f"“{label}”" for label in found[:5]] + (["more"] if len(found) > 5 else [])
    return f"{len(found)} PEM blocks ({', '.join(names[:-1])} and {names[-1]})"


def _markup(text: str) -> ParsingError:
    # Recognised by words, not parsed: a refused file is not worth a parser's limits.
    if text[0] == "<":
        lower = text.lower()
        return refusal("html" if "<html" in lower or "<!doctype html" in lower else "xml")
    if "service_account" in text and "private_key" in text:
        return refusal("google-service-account")
    if "mobilesdk_app_id" in text or "project_info" in text:
        return refusal("google-services")
    return refusal("json-with-key" if "BEGIN PRIVATE KEY" in text else "json")
