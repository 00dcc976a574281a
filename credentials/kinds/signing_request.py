"""Certificate signing requests: made here, so that the private key is never anywhere else."""

import hashlib
import re
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.debug import sensitive_variables

from credentials.kinds import Kind, Platform
from credentials.kinds.exports import Download, Export, ExportedFile
from credentials.kinds.found import Found, Row
from credentials.kinds.kind_form import KindForm
from credentials.kinds.trouble import Trouble
from credentials.making.pem import as_pem
from credentials.making.signing_request import new_signing_request
from credentials.models import Credential
from credentials.parsing.errors import ParsingError
from organizations.actors import Actor
from organizations.models import Organization
from organizations.permissions import Permission
from organizations.words import typed_name

SIGNING_REQUEST = "signing-request"
_COUNTRY = re.compile(r"[A-Z]{2}")


class SigningRequestForm(KindForm):
    """Makes the key pair and the request when everything that was typed is right."""

    KIND = SIGNING_REQUEST
    ERROR_FIELDS = {"common-name": "common_name", "email": "email", "country": "country"}

    common_name = forms.CharField(
        label="Common Name",
        max_length=64,
        help_text="Your name or your team's. Apple puts its own words into the certificate.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(label="E-mail", max_length=120)
    country = forms.CharField(
        label="Country",
        max_length=2,
        help_text="Two letters, such as DE or US.",
        widget=forms.TextInput(attrs={"autocomplete": "country", "spellcheck": "false"}),
    )

    @sensitive_variables()
    def read(self, data: dict[str, Any]) -> Found:
        common_name, email = typed_name(data["common_name"]), str(data["email"])
        country = str(data["country"]).upper()
        if not common_name or len(common_name.encode()) > 64:
            raise ParsingError(
                "common-name", "A request has room for a name of 64 bytes. Choose a shorter one."
            )
        if not email.isascii():
            raise ParsingError(
                "email", "A request takes only e-mail addresses in plain letters. Choose another."
            )
        if not _COUNTRY.fullmatch(country):
            raise ParsingError("country", "A country is two letters (ISO 3166), such as DE or US.")
        return new_request(common_name, email, country)


@sensitive_variables()
def new_request(common_name: str, email: str, country: str) -> Found:
    """A new key pair and its request. Raises ValueError (see `new_signing_request`)."""
    made = new_signing_request(common_name, email, country)
    digest = hashlib.sha256(made.public_key).hexdigest()
    return Found(
        identifier=digest,
        name=f"Request of {common_name}",
        facts={
            "common_name": common_name,
            "email": email,
            "country": country,
            "public_key_sha256": digest,
            "created": timezone.now().isoformat(),
            "csr": made.pem,
        },
        secret=made.private_key,
    )


def _rows(credential: Credential) -> list[Row]:
    facts = credential.facts
    return [
        Row("Common Name", facts["common_name"]),
        Row("E-mail", facts["email"]),
        Row("Country", facts["country"]),
        Row("Key", "RSA, 2048 bits"),
        Row("SHA-256 of the public key", facts["public_key_sha256"].upper(), is_code=True),
        Row("Made", facts["created"][:10]),
    ]


def _more(actor: Actor, organization: Organization, credential: Credential) -> dict[str, Any]:
    """The signing identities with this request's key."""
    from credentials.kinds.apple_certificate import APPLE_CERTIFICATE

    made = Q(kind=APPLE_CERTIFICATE, facts__public_key_sha256=credential.identifier)
    seen = Credential.objects.for_actor(actor, Permission.CREDENTIAL_VIEW, made).visible_in(organization)
    return {"made": seen.live().without_secret(), "identity_kind": APPLE_CERTIFICATE}


def _stem(credential: Credential) -> str:
    return slugify(credential.name) or "request"


def _as_request(credential: Credential) -> ExportedFile:
    content = str(credential.facts["csr"]).encode()
    return ExportedFile(f"{_stem(credential)}.certSigningRequest", content, "application/pkcs10")


def _as_pem(credential: Credential, secret: bytes) -> ExportedFile:
    content = as_pem(secret, "PRIVATE KEY").encode()
    return ExportedFile(f"{_stem(credential)}.pem", content, "application/x-pem-file")


TROUBLE = Trouble(
    lost="""The copy of the private key in CredHub stays sealed. If none is left, certificates that were made for the
request cannot be used: make another request, and another certificate.""",
    compromised=(
        "Revoke every certificate that Apple made for this request: whoever has the key can use them.",
        "Archive the request here, and make another one.",
        "Read the activity of this organization: who opened or downloaded the key, and from where.",
    ),
)

KIND = Kind(
    slug=SIGNING_REQUEST,
    label="Certificate signing request",
    platform=Platform.APPLE,
    about="Asks Apple for a certificate. Its private key is made here and stays here.",
    elsewhere="A certificate that Apple made for it stays valid there.",
    notes=(
        "When it is made, download it and upload it at Apple: Certificates, Identifiers & Profiles › Certificates › +.",
        "Apple then gives you a .cer. Add it here, and you have a signing identity.",
        "Apple takes RSA keys with 2048 bits alone, so that is what is made.",
    ),
    form=SigningRequestForm,
    summary=lambda credential: str(credential.facts["common_name"]),
    rows=_rows,
    show=lambda secret: as_pem(secret, "PRIVATE KEY"),
    can_replace=False,
    download=Download("Download the request (.certSigningRequest)", _as_request),
    template="credentials/signing_request.html",
    more=_more,
    exports=(Export("pem", "Download the private key (PEM)", "A text file without a password.", _as_pem),),
    trouble=TROUBLE,
)
