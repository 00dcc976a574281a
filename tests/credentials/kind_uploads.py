"""For each kind that has the common form: what its form takes, made anew at run time. One entry a kind."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.files.uploadedfile import SimpleUploadedFile

from credentials.making.pkcs12 import write_pkcs12
from tests.credentials.keystores import self_signed

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


ANDROID_KEY = self_signed("release")


def _keystore(password: str) -> Upload:
    file = write_pkcs12([ANDROID_KEY], password)
    return Upload({"password": password}, {"file": ("release.jks", file)}, secret=password.encode())


# Kind → an upload of it, and one of the same credential with a new secret
UPLOADS: dict[str, Callable[[], tuple[Upload, Upload | None]]] = {
    "android-keystore": lambda: (_keystore("first-of-them-all"), _keystore("another-one")),
    "google-service-account-key": lambda: (_google(RSA_KEY), _google(rsa.generate_private_key(65537, 2048))),
    "microsoft-intune-client": lambda: (_intune("s8Q~first-of-them-all"), _intune(" second $#<&> ")),
}
