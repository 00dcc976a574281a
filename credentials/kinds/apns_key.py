"""APNs keys: the .p8 with which push servers send notifications to apps of a team.

https://developer.apple.com/documentation/usernotifications/establishing-a-token-based-connection-to-apns
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q

from credentials.kinds import Kind, Platform
from credentials.kinds.exports import Export, ExportedFile
from credentials.kinds.found import Found, Row
from credentials.kinds.kind_form import KindForm
from credentials.kinds.trouble import Trouble
from credentials.models import Credential
from credentials.parsing.errors import ParsingError
from credentials.parsing.p8 import (
    P8Key,
    key_id_from_filename,
    key_type_from_filename,
    looks_like_subscription_key,
)

APNS_KEY = "apns-key"
ENVIRONMENTS = {"both": "Sandbox and Production", "production": "Production", "sandbox": "Sandbox"}
MOST_TOPICS = 200
_TEN = re.compile(r"[0-9A-Z]{10}")
_TOPIC = re.compile(r"[A-Za-z0-9-]{1,100}(\.[A-Za-z0-9-]{1,100}){1,20}")
_WHERE = "Choose the .p8 from Certificates, Identifiers & Profiles › Keys, made for Apple Push Notifications."


class ApnsKeyForm(KindForm):
    KIND = APNS_KEY
    ERROR_FIELDS = {"key-id": "key_id", "team-id": "team_id", "topics": "topics"}

    file = forms.FileField(
        label="Private key file (.p8)",
        allow_empty_file=True,  # the parser says it better
        widget=forms.ClearableFileInput(attrs={"accept": ".p8,.pem,.txt,application/pkcs8"}),
    )
    key_id = forms.CharField(
        label="Key ID",
        required=False,
        max_length=40,
        help_text="10 characters, as in AuthKey_<Key ID>.p8. Empty: it is read from the file's name.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    team_id = forms.CharField(
        label="Team ID",
        max_length=40,
        help_text="10 characters. In Apple's developer portal: Membership details.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    environment = forms.ChoiceField(
        label="Environment",
        choices=list(ENVIRONMENTS.items()),
        initial="both",
        help_text="As it was chosen when the key was made. Older keys are for both.",
        widget=forms.RadioSelect,
    )
    topics = forms.CharField(
        label="Topics",
        required=False,
        max_length=20_000,
        help_text="For a topic-specific key: its bundle IDs, one a line. Empty: team-scoped, for all apps of the team.",
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )

    def read(self, data: dict[str, Any]) -> Found:
        key_id = _key_id(str(data["key_id"]).strip().upper(), str(data["file"].name))
        team_id = str(data["team_id"]).strip().upper()
        if not _TEN.fullmatch(team_id):
            raise ParsingError("team-id", "A Team ID is 10 letters and digits, such as 8Q5F6R2K9D.")
        topics = _topics(str(data["topics"]))
        key = self.read_file(P8Key)
        found = found_of(key, key_id, team_id, environment=data["environment"], topics=topics)
        self._refuse_twins(found)
        return found

    def _refuse_twins(self, found: Found) -> None:
        """The same private key, or the same Key ID, as something else: one of the two was mistaken."""
        same = Q(facts__public_key_sha256=found.facts["public_key_sha256"]) | Q(
            facts__key_id=found.facts["key_id"]
        )
        others = self.organization.credentials.live().exclude(kind=APNS_KEY, identifier=found.identifier)
        if (twin := others.filter(same).first()) is None:
            return
        what = "Key ID" if twin.facts.get("key_id") == found.facts["key_id"] else "private key"
        raise ParsingError(
            "twin",
            f"“{twin.name}” ({twin.kind_label}) has the same {what}. Apple makes a key for one purpose and one team. "
            + (_WHERE if twin.kind != APNS_KEY else "Check the Key ID and the Team ID."),
        )


def found_of(
    key: P8Key, key_id: str, team_id: str, *, environment: str = "both", topics: Sequence[str] = ()
) -> Found:
    return Found(
        identifier=f"{key_id}:{team_id}",
        name=f"APNs key {key_id}",
        facts={
            "key_id": key_id,
            "team_id": team_id,
            "environment": environment,
            "topics": list(topics),
            "public_key_sha256": key.public_key_sha256,
        },
        secret=key.pem,
    )


def _key_id(typed: str, file_name: str) -> str:
    if looks_like_subscription_key(file_name):
        raise ParsingError(
            "other-p8",
            f"This is an In-App Purchase key (SubscriptionKey_…), which sends no notifications. {_WHERE}",
        )
    if key_type_from_filename(file_name) == "INDIVIDUAL":
        raise ParsingError(
            "other-p8", f"This is somebody's own App Store Connect API key (ApiKey_…). {_WHERE}"
        )
    named = key_id_from_filename(file_name) or ""
    key_id = typed or named
    if not key_id:
        raise ParsingError("key-id", "Type the Key ID. It stands beside the key in Apple's developer portal.")
    if not _TEN.fullmatch(key_id):
        raise ParsingError("key-id", "A Key ID is 10 letters and digits, such as 2X9R4HXF34.")
    if named and named != key_id:
        raise ParsingError(
            "key-id",
            f"The file is named for the key {named}. Leave the Key ID empty, or choose the other file.",
        )
    return key_id


def _topics(text: str) -> list[str]:
    topics = list(dict.fromkeys(text.split()))
    for topic in topics:
        if not _TOPIC.fullmatch(topic):
            raise ParsingError("topics", "A topic is a bundle ID, such as com.example.app. Type one a line.")
    if len(topics) > MOST_TOPICS:
        raise ParsingError(
            "topics", f"A key has {MOST_TOPICS} topics at most here. Leave out those without an app."
        )
    return topics


def _rows(credential: Credential) -> list[Row]:
    facts = credential.facts
    topics = ", ".join(facts["topics"])
    return [
        Row("Key ID", facts["key_id"], is_code=True),
        Row("Team ID", facts["team_id"], is_code=True),
        Row("Environment", ENVIRONMENTS[facts["environment"]]),
        Row("Topics", topics or "All apps of the team", is_code=bool(topics)),
    ]


def _as_p8(credential: Credential, secret: bytes) -> ExportedFile:
    return ExportedFile(f"AuthKey_{credential.facts['key_id']}.p8", secret)


def _as_json(credential: Credential, secret: bytes) -> ExportedFile:
    facts = credential.facts
    content = {name: facts[name] for name in ("key_id", "team_id", "environment", "topics")}
    text = json.dumps({**content, "key": secret.decode()}, indent=2)
    return ExportedFile(f"apns-{facts['key_id']}.json", text.encode() + b"\n", "application/json")


KIND = Kind(
    slug=APNS_KEY,
    label="APNs key",
    platform=Platform.APPLE,
    about="Sends push notifications to the apps of a team. It does not expire.",
    elsewhere="It stays active at Apple: to end it there, revoke it under Certificates, Identifiers & Profiles › Keys.",
    notes=(
        "In Apple's developer portal: Certificates, Identifiers & Profiles › Keys › Apple Push Notifications service.",
        "Apple lets its .p8 be downloaded once only.",
        "A team has two of them at most. So that keys can be changed without a gap, use one and keep the other free.",
        "Without asking Apple nobody can tell whether Key ID and file belong together: take care when typing.",
    ),
    form=ApnsKeyForm,
    summary=lambda credential: str(credential.facts.get("key_id", "")),
    rows=_rows,
    exports=(
        Export("p8", "Download the .p8", "The file for push servers and Firebase.", _as_p8),
        Export("json", "Download JSON for push servers", "Key, Key ID, Team ID, environment and topics.", _as_json),
    ),
    trouble=Trouble(
        lost="""Apple lets a .p8 be downloaded once. The copy in CredHub stays sealed and goes on working. If no copy
is left: make the team's second key, give it to the servers that send, then revoke the lost one.""",
        compromised=(
            "Make the second key, add it here, and switch every server that sends. Revoking stops them all.",
            "Revoke the old key in Apple's developer portal. If a thief is sending right now, revoke first.",
            "Bind the new key to one environment and to topics: it does less harm next time.",
            "Read the activity of this organization: who opened or downloaded the key, and from where.",
        ),
    ),
)  # fmt: skip
