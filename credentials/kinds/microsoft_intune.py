"""Microsoft Intune: the OAuth client with which apps are published to a company's portal.

https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from django import forms

from credentials.kinds import Kind, Platform
from credentials.kinds.exports import Export, ExportedFile
from credentials.kinds.found import Found, Row
from credentials.kinds.kind_form import KindForm, PasswordField
from credentials.kinds.trouble import Trouble
from credentials.models import Credential
from credentials.parsing.errors import ParsingError

MICROSOFT_INTUNE = "microsoft-intune-client"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TENANT = re.compile(r"/([A-Za-z0-9.-]{1,100})/oauth2/v2\.0/token")
# Microsoft's clouds; a token is asked for nowhere else
_HOSTS = {"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"}


class MicrosoftIntuneForm(KindForm):
    KIND = MICROSOFT_INTUNE
    ERROR_FIELDS = {"client-id": "client_id", "auth-url": "auth_url"}

    client_id = forms.CharField(
        label="Client ID",
        max_length=100,
        help_text="Application (client) ID of the app registration.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    client_secret = PasswordField(
        "Client Secret", required=True, help_text="Its value, which Microsoft shows once."
    )
    auth_url = forms.CharField(
        label="Auth URL",
        max_length=300,
        help_text="https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token",
        widget=forms.URLInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def read(self, data: dict[str, Any]) -> Found:
        client_id = str(data["client_id"]).strip().lower()
        if not _GUID.fullmatch(client_id):
            raise ParsingError(
                "client-id",
                "A Client ID looks like 6731de76-14a6-49ae-97bc-6eba6914391e. Copy it from Entra.",
            )
        url = str(data["auth_url"]).strip()
        tenant = _tenant(url)
        return Found(
            identifier=f"{client_id}:{tenant}",
            name=f"Intune {client_id[:8]}",
            facts={"client_id": client_id, "tenant": tenant, "auth_url": url},
            secret=str(data["client_secret"]).encode(),
        )


def _tenant(url: str) -> str:
    try:
        parts = urlsplit(url)
        found = _TENANT.fullmatch(parts.path)
        is_plain = (
            parts.scheme == "https" and parts.netloc in _HOSTS and not parts.query and not parts.fragment
        )
    except ValueError:
        found, is_plain = None, False
    if not found or not is_plain:
        raise ParsingError(
            "auth-url",
            "The Auth URL is https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token, with the tenant's name.",
        )
    return found[1].lower()


def _rows(credential: Credential) -> list[Row]:
    facts = credential.facts
    return [
        Row("Client ID", facts["client_id"], is_code=True),
        Row("Tenant", facts["tenant"], is_code=True),
        Row("Auth URL", facts["auth_url"], is_code=True),
    ]


def _as_json(credential: Credential, secret: bytes) -> ExportedFile:
    facts = credential.facts
    content = {
        "client_id": facts["client_id"],
        "client_secret": secret.decode(),
        "auth_url": facts["auth_url"],
    }
    return ExportedFile("intune.json", json.dumps(content, indent=2).encode() + b"\n", "application/json")


KIND = Kind(
    slug=MICROSOFT_INTUNE,
    label="Microsoft Intune client",
    platform=Platform.OTHER,
    about="Publishes apps to a company's portal.",
    elsewhere="The secret stays active at Microsoft: to end it there, delete it in Microsoft Entra.",
    notes=(
        "In Microsoft Entra: App registrations › the app › Overview, and Certificates & secrets.",
        "The app registration needs the application permission DeviceManagementApps.ReadWrite.All.",
    ),
    form=MicrosoftIntuneForm,
    summary=lambda credential: str(credential.facts.get("client_id", "")),
    rows=_rows,
    exports=(Export("json", "Download as JSON", "Client ID, Client Secret and Auth URL.", _as_json),),
    trouble=Trouble(
        lost="""Microsoft shows a client secret once. The copy in CredHub stays sealed and goes on working until it
expires there. If no copy is left, add a new secret in Entra and replace this one.""",
        compromised=(
            "Add a new client secret in Entra and replace this one here.",
            "Delete the old secret there: it stops working at once.",
            "Look in Intune for apps and assignments that nobody of yours made.",
            "Read the activity of this organization: who opened or downloaded the secret, and from where.",
        ),
    ),
)
