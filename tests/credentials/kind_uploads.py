"""For each kind that has the common form: what its form takes, made anew at run time. One entry a kind."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.files.uploadedfile import SimpleUploadedFile

from credentials.making.pkcs12 import write_pkcs12
from tests.credentials import apple_files
from tests.credentials.keystores import self_signed
from tests.factories import make_p8

RSA_KEY = rsa.generate_private_key(65537, 2048)


@dataclass(frozen=True)
class Upload:
    """`fields` are typed, `files` are field → (name, content); `secret` is what no page may show, and the same
    credential with another secret is `renewed` (None: its secret cannot change)."""

    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    secret: bytes = b""

    def data(self, **more: Any) -> dict[str, Any]:
        """As the test client posts it; files are new each time, because they are read to their end."""
        files = {name: SimpleUploadedFile(*each) for name, each in self.files.items()}
        return {**self.fields, **files, **more}


def pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def service_account(key: rsa.RSAPrivateKey = RSA_KEY, **changes: Any) -> bytes:
    """As the Google Cloud console makes it."""
    document = {
        "type": "service_account",
        "project_id": "acme-releases",
        "private_key_id": "5f9c1b2ad0e34f0bb1c6f0f6b8e1a2c3d4e5f607",
        "private_key": pem(key).decode(),
        "client_email": "play-upload@acme-releases.iam.gserviceaccount.com",
        "client_id": "104829471029384756102",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "universe_domain": "googleapis.com",
    } | changes
    return json.dumps(
        {name: value for name, value in document.items() if value is not None}, indent=2
    ).encode()


def _google(key: rsa.RSAPrivateKey) -> Upload:
    line = pem(key).decode().splitlines()[3].encode()
    return Upload(files={"file": ("acme-releases-5f9c1b2ad0e3.json", service_account(key))}, secret=line)


def _intune(secret: str) -> Upload:
    url = "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token"
    fields = {"client_id": "6731DE76-14a6-49ae-97bc-6eba6914391e", "client_secret": secret, "auth_url": url}
    return Upload(fields=fields, secret=secret.encode())


def _identity() -> Upload:
    files = {"file": ("Acme.p12", apple_files.p12())}
    return Upload({"password": apple_files.PASSWORD}, files, secret=apple_files.key_der()[600:640])


def request_key() -> rsa.RSAPrivateKey:
    """What the key of a signing request is where tests have to know it."""
    return apple_files.key(9)


def _request() -> Upload:
    fields = {"common_name": "Ada Lovelace", "email": "ada@example.com", "country": "gb"}
    return Upload(fields, secret=apple_files.key_der(request_key())[600:640])


def _profile() -> Upload:
    files = {"file": ("Acme.mobileprovision", apple_files.profile(apple_files.certificate()))}
    return Upload(files=files, secret=b"<key>DeveloperCertificates</key>")


ANDROID_KEY = self_signed("release")


def _keystore(password: str) -> Upload:
    file = write_pkcs12([ANDROID_KEY], password)
    return Upload({"password": password}, {"file": ("release.jks", file)}, secret=password.encode())


def _apns() -> Upload:
    key = make_p8()
    fields = {"team_id": "8Q5F6R2K9D", "environment": "production", "topics": "com.example.app"}
    return Upload(fields, {"file": ("AuthKey_2X9R4HXF34.p8", key)}, secret=key.splitlines()[2])


def huawei_client(**changes: Any) -> bytes:
    """As AppGallery Connect makes it for an API client of the team."""
    document = {
        "type": "team_client_id",
        "developer_id": "900086000150224722",
        "client_id": "1246789573498172544",
        "client_secret": "A1B2C3D4E5F60718293A4B5C6D7E8F90",
        "region": "DE",
        "configuration_version": "3.0",
    } | changes
    return json.dumps({name: value for name, value in document.items() if value is not None}).encode()


def _huawei(secret: str) -> Upload:
    file = huawei_client(client_secret=secret)
    return Upload(files={"file": ("agc-apiclient-1246789573498172544.json", file)}, secret=secret.encode())


# Kind → an upload of it, and one of the same credential with a new secret
UPLOADS: dict[str, Callable[[], tuple[Upload, Upload | None]]] = {
    "apple-certificate": lambda: (_identity(), None),
    "provisioning-profile": lambda: (_profile(), None),
    "signing-request": lambda: (_request(), None),
    "android-keystore": lambda: (_keystore("first-of-them-all"), _keystore("another-one")),
    "apns-key": lambda: (_apns(), _apns()),
    "google-service-account-key": lambda: (_google(RSA_KEY), _google(rsa.generate_private_key(65537, 2048))),
    "huawei-appgallery-key": lambda: (_huawei("A1B2C3D4"), _huawei("98765432")),
    "microsoft-intune-client": lambda: (_intune("s8Q~first-of-them-all"), _intune(" second $#<&> ")),
}
