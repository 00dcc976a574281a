"""The upload form of App Store Connect API keys."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from appstore.key_words import ISSUER_ID, KEY_ID
from appstore.models import APP_STORE_CONNECT_KEY, AppStoreConnectKey, KeyType
from credentials.models import Credential
from credentials.parsing import limits
from credentials.parsing.errors import ParsingError
from credentials.parsing.p8 import (
    P8Key,
    key_id_from_filename,
    key_type_from_filename,
    looks_like_subscription_key,
)
from credentials.reading import read_upload
from organizations.models import Organization
from organizations.words import typed_name

LONGEST_FIELD = 100


class PrivateKeyMixin(forms.Form):
    """A .p8 as a file or as pasted text; `cleaned_data["p8"]` is the parsed key. Never rendered back."""

    organization_id: UUID  # whose upload it is

    file = forms.FileField(
        label="Private key file (.p8)",
        required=False,
        allow_empty_file=True,  # the parser says it better
        widget=forms.ClearableFileInput(attrs={"accept": ".p8,.pem,.txt,application/pkcs8"}),
    )
    text = forms.CharField(
        label="Or paste its text",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
        ),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        upload: UploadedFile[bytes] | None = data.get("file")
        text: str = data.get("text") or ""
        field = "file" if upload else "text"
        if upload and text.strip():
            self.add_error("text", "Choose the file or paste the text, not both.")
        elif not upload and not text.strip():
            self.add_error("file", "Choose the .p8 file that Apple let you download, or paste its text.")
        else:
            raw = upload.read(limits.P8 + 1) if upload else text.encode()
            try:
                data["p8"] = read_upload(P8Key, raw, organization_id=self.organization_id)
            except ParsingError as error:
                self.add_error(field, ValidationError(error.message, code=error.code))
        # A private key is never put into a page: not back into its own form, nor into a field it was pasted into
        # by mistake. No other field takes as much as the shortest key has.
        self.data = {
            name: value for name, value in self.data.items() if name != "text" and len(value) <= LONGEST_FIELD
        }
        return data


class ReplacePrivateKeyForm(PrivateKeyMixin):
    key_type = forms.ChoiceField(label="Key type", choices=KeyType.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, key: AppStoreConnectKey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key = key
        self.organization_id = key.credential.organization_id
        self.fields["key_type"].initial = key.key_type
        if not key.issuer_id:  # without an Issuer ID it can be an Individual key only
            self.fields["key_type"].choices = [(KeyType.INDIVIDUAL.value, KeyType.INDIVIDUAL.label)]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        upload = self.cleaned_data.get("file")
        named = key_id_from_filename(upload.name) if upload else None
        if named and named != self.key.key_id:
            raise ValidationError(
                f"This file is named for the key {named}, and this is the key {self.key.key_id}. "
                "Choose its own file, or add the other key as a new one."
            )
        return upload


class AppStoreConnectKeyForm(PrivateKeyMixin):
    """Add a key. Checks what can be told without Apple; Apple is asked after saving."""

    key_type = forms.ChoiceField(
        label="Key type",
        choices=KeyType.choices,
        required=False,
        widget=forms.RadioSelect,
        initial=KeyType.TEAM,
    )
    key_id = forms.CharField(
        label="Key ID",
        required=False,
        max_length=40,
        help_text="10 characters, as in AuthKey_<Key ID>.p8. Empty: it is read from the file's name.",
        widget=forms.TextInput(attrs={"data-key-id": "", "autocomplete": "off", "spellcheck": "false"}),
    )
    issuer_id = forms.CharField(
        label="Issuer ID",
        required=False,
        max_length=80,
        help_text="Above the list of keys in App Store Connect. Individual keys have none.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label="Name",
        required=False,
        max_length=LONGEST_FIELD,
        help_text="What your teams see. Empty: the key's type and ID.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    replace_existing = forms.BooleanField(label="Replace the private key of the existing one", required=False)

    field_order = ["file", "text", "key_type", "key_id", "issuer_id", "name"]

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization
        self.organization_id = organization.pk
        self.existing: Credential | None = None

    def _file_name(self) -> str:
        upload = self.cleaned_data.get("file")
        return str(upload.name) if upload else ""

    def clean_key_type(self) -> KeyType:
        guessed = key_type_from_filename(self._file_name())
        return KeyType(self.cleaned_data["key_type"] or guessed or KeyType.TEAM)

    def clean_key_id(self) -> str:
        key_id = str(self.cleaned_data["key_id"]).strip().upper()
        if not key_id:
            if looks_like_subscription_key(self._file_name()):
                raise ValidationError(
                    "This is an In-App Purchase key (SubscriptionKey_…). CredHub needs an App Store Connect API key, "
                    "from Users and Access › Integrations › App Store Connect API."
                )
            key_id = key_id_from_filename(self._file_name()) or ""
        if not key_id:
            raise ValidationError("Type the Key ID. It is beside the key in App Store Connect.")
        if not KEY_ID.fullmatch(key_id):
            raise ValidationError("A Key ID is about 10 letters and digits, such as 2X9R4HXF34.")
        return key_id

    def clean_issuer_id(self) -> str:
        # Only the alphabet is checked.
        issuer_id = str(self.cleaned_data["issuer_id"]).strip()
        if issuer_id and not ISSUER_ID.fullmatch(issuer_id):
            raise ValidationError(
                "An Issuer ID is letters, digits and dashes, such as 57246542-96fe-1a63-e053-0824d011072a."
            )
        return issuer_id

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        key_type = data.get("key_type")
        issuer_id = data.get("issuer_id", "")
        if key_type == KeyType.INDIVIDUAL and issuer_id:
            self.add_error(
                "issuer_id", "Individual keys have no Issuer ID. Leave it empty, or choose Team key."
            )
        if (
            key_type in {KeyType.TEAM, KeyType.ENTERPRISE}
            and not issuer_id
            and "issuer_id" not in self.errors
        ):
            self.add_error(
                "issuer_id",
                "Type the Issuer ID. It stands above the list of keys; Individual keys have none.",
            )
        if "key_id" in data and key_type:
            self._find_existing(data["key_id"], issuer_id)
            self._clean_name(data, key_type)
        return data

    def _find_existing(self, key_id: str, issuer_id: str) -> None:
        identifier = AppStoreConnectKey.identifier_for(key_id, issuer_id)
        twins = self.organization.credentials.live().filter(kind=APP_STORE_CONNECT_KEY, identifier=identifier)
        self.existing = twins.select_related("app_store_connect_key").first()
        if self.existing and not self.cleaned_data.get("replace_existing"):
            self.add_error(
                None,
                f"This key is here already, as “{self.existing.name}”. To replace its private key, choose the file "
                "again, tick the box below and save: shares and links stay.",
            )

    def _clean_name(self, data: dict[str, Any], key_type: KeyType) -> None:
        name = typed_name(data.get("name")) or f"{key_type.label} {data['key_id']}"
        twins = self.organization.credentials.live().filter(name__iexact=name)
        if not self.existing and twins.exists():
            self.add_error("name", "Another credential of this organization has this name. Choose another.")
        data["name"] = name

    def save(self, actor: Any) -> AppStoreConnectKey:
        """Add the key, or replace the existing one's private key. Raises DuplicateCredentialError in a race."""
        data = self.cleaned_data
        p8: P8Key = data["p8"]
        if self.existing is not None:
            key = self.existing.app_store_connect_key
            key.replace_private_key(actor, key_type=data["key_type"], p8=p8)
            return key
        return AppStoreConnectKey.add(
            actor,
            organization=self.organization,
            name=data["name"],
            key_id=data["key_id"],
            issuer_id=data["issuer_id"],
            key_type=data["key_type"],
            p8=p8,
        )
