"""The forms of an import: what is uploaded, and what a .p8 in it is for."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from appstore.imports.keys import APNS, PURPOSES
from appstore.key_words import ISSUER_ID, KEY_ID
from appstore.models import KeyType
from credentials.kinds.kind_form import MultipleFileInput, PasswordField
from credentials.parsing import limits

TEAM_ID_LENGTH = 10
_MIB = 1024 * limits.KIB


class PasswordsForm(forms.Form):
    """What encrypted files are opened with. Never rendered back."""

    passphrase = PasswordField(
        "Passphrase of a match repository",
        help_text="The one that match asks for (MATCH_PASSWORD). Only where the files are encrypted by it.",
    )
    password = PasswordField(
        "Password of .p12 files and keystores",
        help_text="One for all of them. A credentials.json brings its own.",
    )


class ImportForm(PasswordsForm):
    file = forms.FileField(
        label="A zip, or several files",
        allow_empty_file=True,
        help_text=(
            f"Up to {limits.ARCHIVE // _MIB} MiB: a folder with certificates, keys and profiles, a project's "
            "credentials.json with its files, or a match repository without its .git folder. Or up to "
            f"{limits.MOST_FILES} files at once."
        ),
        widget=MultipleFileInput(),
    )

    field_order = ["file", "passphrase", "password"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen: list[UploadedFile[bytes]] = self.files.getlist("file") if self.files else []

    def shown_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields]

    def clean_file(self) -> Any:
        total = sum(file.size or 0 for file in self.chosen)
        if total > limits.ARCHIVE:
            raise ValidationError(
                f"That is more than {limits.ARCHIVE // _MIB} MiB. Pack the certificates, keys and profiles alone, "
                "without a .git folder, or a part of them at a time."
            )
        if not total:
            raise ValidationError("The file is empty. Choose it again.")
        return self.cleaned_data["file"]


class KeyPurposeForm(forms.Form):
    """What one .p8 is for. Its prefix is the item's id."""

    purpose = forms.ChoiceField(label="What it is for", choices=PURPOSES)
    key_id = forms.CharField(
        label="Key ID", max_length=40, widget=forms.TextInput(attrs={"spellcheck": "false"})
    )
    owner = forms.CharField(
        label="Issuer ID, or Team ID",
        required=False,
        max_length=80,
        help_text="The Issuer ID of a Team or Enterprise key, the Team ID of an APNs key. Individual keys have none.",
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )

    def shown_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields]

    def clean_key_id(self) -> str:
        key_id = str(self.cleaned_data["key_id"]).strip().upper()
        if not KEY_ID.fullmatch(key_id):
            raise ValidationError("A Key ID is about 10 letters and digits, such as 2X9R4HXF34.")
        return key_id

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        owner, purpose = str(data.get("owner", "")).strip(), data.get("purpose")
        if purpose == APNS:
            owner = owner.upper()
            if len(owner) != TEAM_ID_LENGTH or not KEY_ID.fullmatch(owner):
                self.add_error("owner", "A Team ID is 10 letters and digits, such as 8Q5F6R2K9D.")
        elif purpose == KeyType.INDIVIDUAL:
            if owner:
                self.add_error("owner", "Individual keys have no Issuer ID. Leave it empty.")
        elif not ISSUER_ID.fullmatch(owner):
            self.add_error(
                "owner", "Type the Issuer ID. It stands above the list of keys in App Store Connect."
            )
        data["owner"] = owner
        return data
