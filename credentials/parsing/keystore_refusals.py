"""Every sentence with which an Android keystore is refused."""

from .errors import ParsingError

_AGAIN = "Choose the keystore that signs the app, such as release.jks or upload.keystore."
_CONVERT = (
    "Convert it with: keytool -importkeystore -srckeystore old{extra} -destkeystore new.p12 -deststoretype PKCS12, "
    "and upload new.p12."
)

_MESSAGES = {
    "empty": "The file is empty. {again}",
    "too-large": "The file is larger than 512 KiB, and a keystore is a few KiB. {again}",
    "archive": "This is an APK, an AAB or another archive, not the keystore that signs it. {again}",
    "pem": (
        "This is a PEM file. Make a keystore of its key and certificate with: openssl pkcs12 -export -inkey key.pem "
        "-in certificate.pem -name <alias> -out keystore.p12, and upload keystore.p12."
    ),
    "text": (
        "This is a text file, such as keystore.properties or a keystore in base64. A keystore in base64 is decoded "
        "with: base64 -d keystore.txt > keystore.jks. {again}"
    ),
    "jceks": "This is a keystore of type JCEKS, which Android's tools do not read. " + _CONVERT.format(
        extra=" -srcstoretype JCEKS"
    ),
    "bks": "This is a keystore of type BKS (Bouncy Castle), which does not sign apps. " + _CONVERT.format(
        extra=" -srcstoretype BKS -provider org.bouncycastle.jce.provider.BouncyCastleProvider -providerpath bcprov.jar"
    ),
    "not-a-keystore": "This is not a keystore (JKS or PKCS12). {again}",
    "indefinite-length": "This keystore is written in an unusual form (BER). " + _CONVERT.format(extra=""),
    "damaged": "The keystore is damaged or was cut short. Copy the file again, and upload the new copy.",
    "password-needed": "Type the keystore's password: the one that keytool or Android Studio asked for first.",
    "wrong-password": (
        "This is not the keystore's password, or the file was changed. It is storePassword in keystore.properties, "
        "and not the password of a key."
    ),
    "wrong-key-password": (
        "This password does not open the key of the alias {alias}. Type that key's own password (keyPassword in "
        "keystore.properties). Where the keys of a file have different passwords, upload it once for each alias."
    ),
    "key-password-needed": (
        "The keystore's password does not open the key of the alias {alias}: it has a password of its own. Type it "
        "as the key password (keyPassword in keystore.properties). Where the keys of a file have different "
        "passwords, upload it once for each alias."
    ),
    "no-alias": "There is no alias {alias} in this keystore. There is: {aliases}.",
    "no-private-key": (
        "There is no private key in this keystore, only certificates: it is a truststore, and signs nothing. {again}"
    ),
    "no-certificate": (
        "The key of the alias {alias} has no certificate that belongs to it, so it cannot sign. Export it again "
        "together with its certificate."
    ),
    "unreadable-certificate": (
        "A certificate in this keystore cannot be read. Newer versions of Java write those of DSA keys in a form of "
        "their own: make a keystore with RSA, or take that alias out with keytool -delete."
    ),
    "other-algorithm": (
        "The key of the alias {alias} is neither RSA nor DSA nor elliptic-curve. Android knows no others: choose "
        "the keystore that signs the app."
    ),
    "key-too-large": (
        "A private key in this keystore is larger than RSA with 4096 bits, which no store asks for. {again}"
    ),
}  # fmt: skip


def refusal(code: str, **facts: str) -> ParsingError:
    return ParsingError(code, _MESSAGES[code].format(again=_AGAIN, **facts))
