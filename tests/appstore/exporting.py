"""What the tests of exports share: something to export, the page's POST, and the zip that it answers."""

import io
import zipfile
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from appstore.models import AppStoreConnectKey
from credentials.kinds import apple_certificate, keystore_found, provisioning_profile
from credentials.kinds.storing import store_found
from credentials.models import Credential
from credentials.parsing.certificate import parse_certificate
from credentials.parsing.keystore import parse_keystore
from credentials.parsing.signed_profile import parse_signed_profile
from organizations.actors import SYSTEM
from organizations.models import Organization
from tests import factories
from tests.credentials import keystores
from tests.credentials.kind_uploads import RSA_KEY
from tests.credentials.revealing import REASON
from tests.credentials.signing_material import certificate, pkcs8


@dataclass
class Held:
    identity: Credential
    profile: Credential
    keystore: Credential
    key: AppStoreConnectKey
    organization: Organization

    @property
    def page(self) -> str:
        return reverse("export", args=[self.organization.slug])


def hold(organization: Organization, content: bytes) -> Held:
    """One of each: an identity, the profile `content` that it signs, a keystore, and an API key."""
    facts = parse_certificate(certificate())
    signed = parse_signed_profile(content)
    keystore = keystores.jks("store word", (keystores.self_signed("upload", RSA_KEY), "key word"))
    read = parse_keystore(keystore, "store word", "upload", "key word")
    founds = {
        apple_certificate.APPLE_CERTIFICATE: apple_certificate.found_of(facts, certificate(), pkcs8()),
        provisioning_profile.PROVISIONING_PROFILE: provisioning_profile.found_of(
            signed.profile, signed.certificates, content
        ),
        keystore_found.ANDROID_KEYSTORE: keystore_found.found_in(
            read, keystore, "store word", file_name="upload.jks"
        ),
    }
    stored = [store_found(SYSTEM, organization, kind, found) for kind, found in founds.items()]
    return Held(*stored, key=factories.make_key(organization, key_id="ABCDE12345"), organization=organization)


def export(client: Client, held: Held, *chosen: Any, shape: str = "set-files", **fields: Any) -> HttpResponse:
    ticket = client.get(held.page).context["ticket"]
    data = {
        "ticket": ticket,
        "reason": REASON,
        "shape": shape,
        "credential": [str(each.pk) for each in chosen],
    }
    return client.post(held.page, {**data, **fields})


def unzipped(answer: HttpResponse) -> dict[str, bytes]:
    assert answer["Content-Type"] == "application/zip", answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
