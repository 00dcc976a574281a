"""Every sentence with which a .p8 upload is refused: what the file looks like, and what to do instead."""

from .errors import ParsingError

_AGAIN = "Choose the AuthKey_….p8 file that Apple let you download."

_MESSAGES = {
    "empty": "The file is empty. {again}",
    "too-large": "The file is larger than 8 KiB, and a .p8 key is about 250 bytes. {again}",
    "rsa-key": "This is an RSA private key. Apple's .p8 keys are elliptic-curve keys (P-256). {again}",
    "wrong-curve": "This is an elliptic-curve key on {curve}. Apple's .p8 keys are on P-256. {again}",
    "other-algorithm": (
        "This is a private key of another algorithm (such as Ed25519 or DSA). Apple's .p8 keys are P-256 "
        "keys. {again}"
    ),
    "sec1-key": (
        "This is an EC private key in SEC1 form (“BEGIN EC PRIVATE KEY”), and Apple's .p8 files are PKCS#8. "
        "Upload the original file, or convert it with: openssl pkcs8 -topk8 -nocrypt -in key.pem -out "
        "key.p8"
    ),
    "openssh-key": "This is an OpenSSH private key, not an App Store Connect API key. {again}",
    "encrypted-key": (
        "This private key is encrypted with a password. Apple's .p8 files are not: upload the original "
        "file, or remove the password with: openssl pkcs8 -topk8 -nocrypt -in key.pem -out key.p8"
    ),
    "public-key": "This is a public key. The private key is needed. {again}",
    "certificate": "This is a certificate; it holds no private key. {again}",
    "certificate-request": "This is a certificate signing request, not a key. {again}",
    "several-blocks": "The file holds {blocks}. Keep only the private key, and upload that alone.",
    "unknown-block": "This is a PEM file of another kind (“{label}”), not a private key. {again}",
    "pkcs12": (
        "This is a .p12 file (PKCS#12: a certificate with its private key), whatever its name ends in. Add "
        "it as a signing certificate. For an API key: {again}"
    ),
    "provisioning-profile": (
        "This is a signed Apple file such as a .mobileprovision (CMS), whatever its name ends in. {again}"
    ),
    "keystore": "This is a Java keystore, which signs Android apps. {again}",
    "archive": "This is a compressed archive. Unpack it first. {again}",
    "json": "This is a JSON file, not a .p8 key. {again}",
    "json-with-key": (
        "This is a JSON file with a key inside (as fastlane uses). Paste only the value of its “key” field, "
        "or upload the AuthKey_….p8 file."
    ),
    "google-service-account": (
        "This is the JSON key of a Google service account. Add it as such. For an API key: {again}"
    ),
    "google-services": (
        "This is Firebase's google-services.json, which configures an Android app and holds no signing key. "
        "{again}"
    ),
    "html": (
        "This is a web page, not a key: the download was probably answered with a sign-in page. Sign in to "
        "App Store Connect and use the saved AuthKey_….p8 file."
    ),
    "xml": "This is an XML file or property list, not a key. {again}",
    "der-key": (
        "This is the binary form (DER) of a private key. Upload the original .p8 file, or convert it with: "
        "openssl pkcs8 -inform DER -topk8 -nocrypt -in key.der -out key.p8"
    ),
    "markers-missing": (
        "The lines “-----BEGIN PRIVATE KEY-----” and “-----END PRIVATE KEY-----” are missing. Upload the "
        "whole file, or paste all of its text."
    ),
    "damaged-markers": (
        "The BEGIN line of the key is damaged: it has five hyphens on both sides, which text editors like "
        "to turn into dashes. Upload the original file instead of pasting."
    ),
    "incomplete": (
        "The key is cut: its line “-----END PRIVATE KEY-----” is missing or damaged. Upload the whole file, "
        "or paste all of its text."
    ),
    "surrounding-text": (
        "There is other text before or after the key. Keep only what stands from “-----BEGIN PRIVATE "
        "KEY-----” to “-----END PRIVATE KEY-----”."
    ),
    "damaged-base64": (
        "The text of the key is damaged: characters are missing, or some do not belong there. Upload the "
        "original file instead of pasting."
    ),
    "trailing-data": "There are extra bytes after the key. Upload the original .p8 file, unchanged.",
    "damaged-key": (
        "The private key is damaged and cannot be used. Upload the original .p8 file; if it is lost, create "
        "a new key in App Store Connect."
    ),
    "not-text": "This is a binary file that is not a key. {again}",
    "not-a-key": "There is no private key in this text. {again}",
}


def refusal(code: str, **facts: str) -> ParsingError:
    """The error for `code`; `facts` fill its sentence and must never come from inside a key."""
    return ParsingError(code, _MESSAGES[code].format(again=_AGAIN, **facts))
