"""Every sentence with which a .p12 upload is refused."""

from .errors import ParsingError

_AGAIN = "Export the certificate together with its private key again, and upload the new file."

_MESSAGES = {
    "empty": "The file is empty. {again}",
    "too-large": "The file is larger than 128 KiB, and a .p12 is a few KiB. {again}",
    "not-a-p12": "This is not a .p12 file (PKCS#12). {again}",
    "indefinite-length": (
        "This .p12 file is written in an unusual form (BER). Convert it with: openssl pkcs12 -in old.p12 -nodes "
        "-out all.pem, then openssl pkcs12 -export -in all.pem -out new.p12, and delete all.pem."
    ),
    "trailing-data": "There are extra bytes after the end of the .p12. {again}",
    "damaged-p12": "The .p12 file is damaged or was cut short. {again}",
    "no-private-key": "There is no private key in this file, only certificates. {again}",
    "several-keys": "There are several private keys in this file. Export one certificate with its key at a time.",
    "other-algorithm": "The private key in this file is neither RSA nor elliptic-curve. {again}",
    "password-needed": "This file needs its password: the one that was chosen when it was exported.",
    "wrong-password": (
        "The password does not open this file, or the file is damaged. Type the password that was chosen when it "
        "was exported."
    ),
}


def refusal(code: str) -> ParsingError:
    return ParsingError(code, _MESSAGES[code].format(again=_AGAIN))
