"""Provisioning profiles: which app may run where, and signed by whom. They hold no secret; Apple signs them."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.text import slugify

from credentials.kinds import Kind, Platform
from credentials.kinds.exports import Download, Export, ExportedFile
from credentials.kinds.found import Found, Row
from credentials.kinds.kind_form import KindForm, MultipleFileInput
from credentials.kinds.profile_certificates import can_it_sign, signing_certificates
from credentials.kinds.trouble import Trouble
from credentials.models import Credential
from credentials.parsing.certificate import CertificateFacts
from credentials.parsing.limits import MOST_FILES
from credentials.parsing.profile import ProfileFacts
from credentials.parsing.signed_profile import SignedProfile
from credentials.parsing.wire import to_plain
from organizations.actors import SYSTEM, Actor
from organizations.models import Organization

PROVISIONING_PROFILE = "provisioning-profile"
_DISTRIBUTIONS = {
    "app-store": "App Store",
    "ad-hoc": "Ad hoc",
    "development": "Development",
    "in-house": "In-house",
    "developer-id": "Developer ID",
}
_CERTIFICATE_FACTS = (
    "sha256", "common_name", "serial_number", "apple_type", "not_after", "public_key_sha256",
)  # fmt: skip


class ProvisioningProfileForm(KindForm):
    KIND = PROVISIONING_PROFILE
    TAKES_SEVERAL = True

    file = forms.FileField(
        label="Profiles (.mobileprovision, .provisionprofile)",
        allow_empty_file=True,  # the parser says it better
        help_text=f"Up to {MOST_FILES} at once.",
        widget=MultipleFileInput(attrs={"accept": ".mobileprovision,.provisionprofile"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "name"
        ].help_text = "What your teams see. Several profiles keep the names that are in them."

    def read(self, data: dict[str, Any]) -> Found:
        read = self.read_file(SignedProfile)
        data["file"].seek(0)
        return found_of(read.profile, read.certificates, data["file"].read())


def found_of(profile: ProfileFacts, certificates: Iterable[CertificateFacts], content: bytes) -> Found:
    facts = to_plain(profile)
    del facts["certificates"]
    return Found(
        identifier=profile.uuid.lower()[:200],
        name=profile.name or profile.uuid,
        facts=facts
        | {
            "distribution": profile.distribution,
            "udid_count": len(profile.udids),
            "certificates": [_certificate_facts(each) for each in certificates],
        },
        secret=content,
        expires_at=profile.expires_at,
    )


def _certificate_facts(certificate: CertificateFacts) -> dict[str, str]:
    plain = to_plain(certificate)
    return {name: plain[name] for name in _CERTIFICATE_FACTS}


def _distribution(credential: Credential) -> str:
    return _DISTRIBUTIONS[credential.facts["distribution"]]


def _rows(credential: Credential) -> list[Row]:
    facts = credential.facts
    devices = "All devices" if facts["provisions_all_devices"] else str(facts["udid_count"] or "")
    return [
        Row("Name at Apple", facts["name"]),
        Row("Distribution", _distribution(credential)),
        Row("App ID", facts["application_identifier"], is_code=True),
        Row("Team", facts["team_name"]),
        Row("Team ID", facts["team_id"], is_code=True),
        Row("Platforms", ", ".join(facts["platforms"])),
        Row("UUID", facts["uuid"], is_code=True),
        Row("Devices", devices),
        Row("Entitlements", ", ".join(facts["entitlements"])),
        Row("Managed by", "Xcode" if facts["is_xcode_managed"] else ""),
        Row("Created", facts["created_at"][:10]),
    ]


def _more(actor: Actor, organization: Organization, credential: Credential) -> dict[str, Any]:
    certificates = signing_certificates(actor, organization, credential)
    return {"certificates": certificates, "verdict": can_it_sign(credential, certificates)}


def _file(credential: Credential, content: bytes) -> ExportedFile:
    extension = "provisionprofile" if credential.facts["platforms"] == ["OSX"] else "mobileprovision"
    stem = slugify(credential.name) or credential.identifier
    return ExportedFile(f"{stem}.{extension}", content)


def _download(credential: Credential) -> ExportedFile:
    return _file(credential, credential.reveal(SYSTEM, purpose="Download of a provisioning profile"))


def _property_list(content: bytes) -> str:
    """What is readable of it: the property list between the signature's bytes."""
    start, end = content.find(b"<?xml"), content.find(b"</plist>")
    return content[start : end + 8].decode(errors="replace") if -1 < start < end else content.hex(" ")


TROUBLE = Trouble(
    lost="""Download it again at Apple, under Certificates, Identifiers & Profiles, or make a new one of the same name:
it holds no private key.""",
    compromised=(
        """A profile alone signs nothing, and it is in every app that was built with it. What it tells are names, the
devices' UDIDs and the certificates.""",
        "If a private key that it names got away too, go by the advice for that signing identity.",
        "Profiles that contain a revoked certificate become invalid: make them again with the new one.",
    ),
)

KIND = Kind(
    slug=PROVISIONING_PROFILE,
    label="Provisioning profile",
    platform=Platform.APPLE,
    is_of_an_app=True,
    about="Says which app may run on which devices, and whose signature counts.",
    elsewhere="What Apple lists stays there: builds that have the file go on using it.",
    notes=(
        "Download it at Apple: Certificates, Identifiers & Profiles › Profiles.",
        "What Apple lists for a team is synced with its App Store Connect API key; these need no upload.",
        "On a Mac, Xcode keeps them in Library › Developer › Xcode › UserData › Provisioning Profiles.",
    ),
    form=ProvisioningProfileForm,
    summary=lambda credential: f"{_distribution(credential)} · {credential.facts['application_identifier']}",
    rows=_rows,
    show=_property_list,
    can_replace=False,
    download=Download("Download the profile", _download),
    is_public=True,
    template="credentials/provisioning_profile.html",
    more=_more,
    exports=(Export("profile", "Download the profile", "As Apple signed it.", _file),),
    trouble=TROUBLE,
)
