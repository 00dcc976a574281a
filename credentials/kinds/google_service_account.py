"""Google service account keys: uploads to Google Play, push by Firebase Cloud Messaging (FCM v1)."""

import re
from typing import Any

from django import forms

from credentials.kinds import Kind, Platform
from credentials.kinds.exports import Export, ExportedFile
from credentials.kinds.found import Found, Row
from credentials.kinds.kind_form import KindForm
from credentials.kinds.trouble import Trouble
from credentials.models import Credential
from credentials.parsing.service_account import ServiceAccount

GOOGLE_SERVICE_ACCOUNT = "google-service-account-key"


class GoogleServiceAccountForm(KindForm):
    KIND = GOOGLE_SERVICE_ACCOUNT

    file = forms.FileField(
        label="Service account key (.json)",
        allow_empty_file=True,  # the parser says it better
        help_text="The file that the Google Cloud console let you download when the key was made.",
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
    )

    def read(self, data: dict[str, Any]) -> Found:
        return found_of(self.read_file(ServiceAccount))


def found_of(account: ServiceAccount) -> Found:
    return Found(
        identifier=account.client_email[:200],
        name=account.client_email.partition("@")[0],
        facts={
            "client_email": account.client_email,
            "project_id": account.project_id,
            "client_id": account.client_id,
            "private_key_id": account.private_key_id,
        },
        secret=account.document,
    )


def _rows(credential: Credential) -> list[Row]:
    facts = credential.facts
    return [
        Row("Client Email", facts["client_email"], is_code=True),
        Row("Project ID", facts["project_id"], is_code=True),
        Row("Client ID", facts["client_id"], is_code=True),
        Row("Private Key ID", facts["private_key_id"], is_code=True),
    ]


def _as_json(credential: Credential, secret: bytes) -> ExportedFile:
    name = re.sub(r"[^A-Za-z0-9-]+", "-", credential.facts["client_email"].partition("@")[0])
    return ExportedFile(f"{name}.json", secret, "application/json")


TROUBLE = Trouble(
    lost="""Google keeps no private keys. The copy in CredHub stays sealed and goes on working. If no copy is left, add
a new key to the same service account and upload it here: what the account may do stays.""",
    compromised=(
        """Add a new key to the service account in the Google Cloud console, and replace this one here.""",
        """Delete the old key there, by its Private Key ID: it stops working within minutes.""",
        """Look in the Play Console and in Firebase for releases, users and messages that nobody of yours made.""",
        "Read the activity of this organization: who opened or downloaded the key, and from where.",
    ),
)

KIND = Kind(
    slug=GOOGLE_SERVICE_ACCOUNT,
    label="Google service account key",
    platform=Platform.ANDROID,
    about="Submits to Google Play, and sends push messages by FCM v1.",
    elsewhere="It stays active at Google: to end it there, delete it in the Google Cloud console.",
    notes=(
        "In the Google Cloud console: IAM & Admin › Service Accounts › Keys › Add key › JSON. Downloaded once only.",
        "For Google Play, invite the account's e-mail address in the Play Console: Users and permissions.",
        "For FCM v1 the account needs the role Firebase Cloud Messaging API Admin.",
        "A google-services.json is something else: it is built into the app and holds no secret.",
    ),
    form=GoogleServiceAccountForm,
    summary=lambda credential: str(credential.facts.get("client_email", "")),
    rows=_rows,
    exports=(
        Export(
            "json", "Download the JSON file", "For Google's own tools, fastlane supply and Gradle.", _as_json
        ),
    ),
    trouble=TROUBLE,
)
