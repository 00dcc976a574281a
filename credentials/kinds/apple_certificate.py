"""Signing identities: a certificate of Apple's with its private key."""

import base64
from dataclasses import replace
from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.debug import sensitive_variables

from credentials.crypto import SealError
from credentials.kinds import Kind, Platform
from credentials.kinds.apple_certificate_words import NOTES, TROUBLE, good_for, type_words
from credentials.kinds.exports import Download, Export, ExportedFile
from credentials.kinds.found import Found, Row
from credentials.kinds.kind_form import KindForm, PasswordField
from credentials.kinds.signing_request import SIGNING_REQUEST
from credentials.making.p12 import encode_p12, new_password
from credentials.making.pem import as_pem
from credentials.making.zip_file import zip_of
from credentials.models import Credential
from credentials.parsing.certificate import CertificateFacts
from credentials.parsing.errors import ParsingError
from credentials.parsing.identity import SigningIdentity
from credentials.parsing.wire import to_plain
from organizations.actors import SYSTEM, Actor

APPLE_CERTIFICATE = "apple-certificate"


class SigningIdentityForm(KindForm):
    """A .p12 with its password, or Apple's .cer for a request that was made here: then CredHub itself opens the
    request's private key and puts it to the certificate."""

    KIND = APPLE_CERTIFICATE
    ERROR_FIELDS = {"wrong-password": "password", "password-needed": "password"}

    file = forms.FileField(
        label="Signing identity (.p12), or Apple's certificate (.cer)",
        allow_empty_file=True,  # the parser says it better
        help_text="A .cer needs its signing request to have been made here: that is where its private key is.",
        widget=forms.ClearableFileInput(attrs={"accept": ".p12,.pfx,.cer,.crt,.pem"}),
    )
    password = PasswordField(
        "Password of the .p12",
        help_text="The one that was chosen when it was exported. Leave it empty if there is none.",
    )
    although_expired = forms.BooleanField(
        label="Add it although it expired",
        required=False,
        help_text="It signs nothing new. It stays on record with what it signed, and its private key with it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_expired = False
        self.request: Credential | None = None

    def shown_fields(self) -> list[forms.BoundField]:
        """The tick for expired ones only for whoever brings one."""
        return [each for each in super().shown_fields() if each.name != "although_expired" or self.is_expired]

    @sensitive_variables()
    def read(self, data: dict[str, Any]) -> Found:
        identity = self.read_file(SigningIdentity, password=data["password"])
        facts = identity.facts
        self.is_expired = facts.not_after <= timezone.now()
        if self.is_expired and not data["although_expired"]:
            raise ParsingError(
                "expired",
                f"This certificate expired on {facts.not_after:%d %B %Y}, and nothing new can be signed with it. To "
                "keep it all the same, choose the file again, tick the box below and save.",
            )
        if not identity.private_key:
            self.request = self._request_for(identity)
        return found_of(facts, identity.certificate, identity.private_key)

    def _request_for(self, identity: SigningIdentity) -> Credential:
        """The one that was made here with this certificate's key."""
        facts = identity.facts
        live = self.organization.credentials.live().select_related("organization__parent")
        request = live.filter(kind=SIGNING_REQUEST, identifier=facts.public_key_sha256).first()
        if request is not None:
            return request
        if facts.is_cloud_managed:
            raise ParsingError(
                "cloud-managed",
                "Apple keeps the private key of this certificate (it is managed in the cloud), and gives it to nobody.",
            )
        raise ParsingError(
            "no-request",
            "This is a certificate without its private key, and no signing request of this organization belongs to "
            "it. Export both as .p12 from the Mac on which the request was made.",
        )

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.request is not None and not self.errors:
            purpose = f"The certificate {self.found.name} that Apple made for this request"
            try:
                key = self.request.reveal(SYSTEM, purpose=purpose[:200])
            except SealError as error:
                self.add_error(None, str(error))
            else:
                self.found = replace(self.found, secret=key)
        return data

    def save(self, actor: Actor) -> Credential:
        with transaction.atomic():
            credential = super().save(actor)
            if self.request is not None and not self.request.reveal_allowed:
                credential.allow_reveal(SYSTEM, allowed=False)  # it is the same key
        return credential


def found_of(facts: CertificateFacts, certificate: bytes, private_key: bytes) -> Found:
    """`certificate` is DER, `private_key` PKCS#8 DER."""
    return Found(
        identifier=facts.sha256,
        name=facts.common_name or type_words(facts.apple_type),
        facts=to_plain(facts) | {"certificate": base64.b64encode(certificate).decode()},
        secret=private_key,
        expires_at=facts.not_after,
    )


def certificate_of(credential: Credential) -> bytes:
    return base64.b64decode(credential.facts["certificate"])


def _stem(credential: Credential) -> str:
    return slugify(credential.name) or str(credential.facts["serial_number"])


def _rows(credential: Credential) -> list[Row]:
    facts = credential.facts
    return [
        Row("Type", type_words(facts["apple_type"])),
        Row("Good for", good_for(facts["apple_type"])),
        Row("Issued to", facts["common_name"]),
        Row("Organization at Apple", facts["organization"]),
        Row("Team ID", facts["team_id"], is_code=True),
        Row("Serial number", facts["serial_number"], is_code=True),
        Row("SHA-1", facts["sha1"].upper(), is_code=True),
        Row("SHA-256", facts["sha256"].upper(), is_code=True),
        Row("Valid from", facts["not_before"][:10]),
    ]


@sensitive_variables()
def _zip_with_p12(credential: Credential, secret: bytes, *, modern: bool) -> ExportedFile:
    stem, password = _stem(credential), new_password()
    name = str(credential.facts["common_name"])
    p12 = encode_p12(secret, certificate_of(credential), password, name=name, modern=modern)
    content = zip_of({f"{stem}.p12": p12, "password.txt": password.encode()})
    return ExportedFile(f"{stem}.zip", content, "application/zip")


@sensitive_variables()
def _as_pem(credential: Credential, secret: bytes) -> ExportedFile:
    text = as_pem(secret, "PRIVATE KEY") + as_pem(certificate_of(credential), "CERTIFICATE")
    return ExportedFile(f"{_stem(credential)}.pem", text.encode(), "application/x-pem-file")


def _as_cer(credential: Credential) -> ExportedFile:
    return ExportedFile(f"{_stem(credential)}.cer", certificate_of(credential), "application/pkix-cert")


KIND = Kind(
    slug=APPLE_CERTIFICATE,
    label="Signing identity",
    platform=Platform.APPLE,
    is_of_an_app=True,
    signs_builds=True,
    about="A certificate from Apple with its private key: what apps are signed with.",
    elsewhere="The certificate stays valid at Apple, and profiles stay as they are: to end it there, revoke it.",
    notes=NOTES,
    form=SigningIdentityForm,
    summary=lambda credential: (
        f"{type_words(credential.facts['apple_type'])} · {credential.facts['serial_number']}"
    ),
    rows=_rows,
    show=lambda secret: as_pem(secret, "PRIVATE KEY"),
    can_replace=False,
    download=Download("Download the certificate (.cer)", _as_cer),
    exports=(
        Export(
            "p12",
            "Download as .p12 for macOS",
            "For Keychain Access, Xcode and “security import”. A zip with the .p12 and its password, new each time.",
            lambda credential, secret: _zip_with_p12(credential, secret, modern=False),
        ),
        Export(
            "p12-modern",
            "Download as .p12 with AES-256",
            "For OpenSSL 3 and other newer readers; macOS does not read it. A zip with the .p12 and its password.",
            lambda credential, secret: _zip_with_p12(credential, secret, modern=True),
        ),
        Export(
            "pem",
            "Download private key and certificate (PEM)",
            "One text file without a password, for tools that read no .p12.",
            _as_pem,
        ),
    ),
    trouble=TROUBLE,
)
