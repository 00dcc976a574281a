"""Keys of Huawei's AppGallery Connect API: publishing to AppGallery."""

import re
from typing import Any

from django import forms

from credentials.kinds import Kind, Platform
from credentials.kinds.exports import Export, ExportedFile
from credentials.kinds.found import Found, Row
from credentials.kinds.kind_form import KindForm
from credentials.kinds.trouble import Trouble
from credentials.models import Credential
from credentials.parsing.huawei_key import API_CLIENT, HuaweiKey

HUAWEI_APPGALLERY = "huawei-appgallery-key"


class HuaweiAppGalleryForm(KindForm):
    KIND = HUAWEI_APPGALLERY

    file = forms.FileField(
        label="AppGallery Connect key (.json)",
        allow_empty_file=True,  # the parser says it better
        help_text="agc-apiclient-….json of an API client, or …private.json of a service account.",
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
    )

    def read(self, data: dict[str, Any]) -> Found:
        key = self.read_file(HuaweiKey)
        return Found(
            identifier=key.account,
            name=f"AppGallery {key.account}",
            facts={
                "type": key.type,
                "account": key.account,
                "key_id": key.key_id,
                "developer_id": key.developer_id,
                "project_id": key.project_id,
                "region": key.region,
            },
            secret=key.document,
        )


def _rows(credential: Credential) -> list[Row]:
    facts = credential.facts
    is_client = facts["type"] == API_CLIENT
    return [
        Row("Type", facts["type"]),
        Row("Client ID" if is_client else "Sub-account", facts["account"], is_code=True),
        Row("Key ID", facts["key_id"], is_code=True),
        Row("Developer ID", facts["developer_id"], is_code=True),
        Row("Project ID", facts["project_id"], is_code=True),
        Row("Region", facts["region"]),
    ]


def _as_json(credential: Credential, secret: bytes) -> ExportedFile:
    name = re.sub(r"[^A-Za-z0-9-]+", "-", credential.facts["account"])
    prefix = "agc-apiclient" if credential.facts["type"] == API_CLIENT else "agc-service-account"
    return ExportedFile(f"{prefix}-{name}.json", secret, "application/json")


KIND = Kind(
    slug=HUAWEI_APPGALLERY,
    label="Huawei AppGallery API key",
    platform=Platform.ANDROID,
    about="Publishes apps to Huawei AppGallery.",
    elsewhere="It stays active at Huawei: to end it there, delete it in AppGallery Connect.",
    notes=(
        "In AppGallery Connect: Users and permissions › API key › Connect API. Huawei recommends a service account.",
        "It has to be for the team: leave Project at N/A, or choose developer level. A project's publishes nothing.",
        "An agconnect-services.json is something else: it is built into the app.",
    ),
    form=HuaweiAppGalleryForm,
    summary=lambda credential: str(credential.facts.get("account", "")),
    rows=_rows,
    exports=(
        Export("json", "Download the JSON file", "For Gradle plugins, fastlane and CI steps.", _as_json),
    ),
    trouble=Trouble(
        lost="""Huawei shows a service account's private key once. The copy in CredHub stays sealed and goes on
working. If no copy is left: make a new key in AppGallery Connect, and add it here.""",
        compromised=(
            "Make another key in AppGallery Connect with the weakest role that does the work, and add it here.",
            "Delete the old one there, under Users and permissions › API key › Connect API.",
            "Look in AppGallery Connect for releases and members that are not yours.",
            "Read the activity of this organization: who opened or downloaded the key, and from where.",
        ),
    ),
)
