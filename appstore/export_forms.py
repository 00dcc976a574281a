"""The form of a working set: its shape, why it leaves, and what protects the files."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from appstore.working_sets.fitting import EAS, FILES, MATCH
from appstore.working_sets.shapes import Wishes
from credentials.kinds.kind_form import PasswordField
from organizations.words import typed_name

SHORTEST = 12
SHAPES = [
    (FILES, "Plain files", "A .p12 for each identity, profiles, keystores, keys, and ExportOptions.plist for Xcode."),
    (EAS, "EAS credentials.json", "For “eas build” with local credentials: identities, their profiles, one keystore."),
    (MATCH, "fastlane match repository", "Identities and profiles, encrypted by a passphrase that you choose."),
]  # fmt: skip


class ExportForm(forms.Form):
    """`needs_reason`: secrets are among what was chosen."""

    shape = forms.ChoiceField(
        label="In which shape",
        choices=[(slug, label) for slug, label, _note in SHAPES],
        initial=FILES,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=200,
        help_text="Goes on record with your name, for each secret. Profiles alone need none.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    passphrase = PasswordField(
        "Passphrase of the match repository", help_text=f"At least {SHORTEST} characters. match asks for it."
    )
    passphrase_again = PasswordField("The passphrase again")
    match_v1 = forms.BooleanField(
        label="For fastlane before 2.220",
        required=False,
        help_text="match's first encryption, which is weak: only where an older fastlane has to read it.",
    )
    password = PasswordField(
        "Password of the .p12 files",
        help_text=f"At least {SHORTEST} characters. Empty: each gets a new one, which is in the zip.",
    )
    modern = forms.BooleanField(
        label="Encrypt .p12 files with AES-256",
        required=False,
        help_text="For OpenSSL 3 and newer readers. macOS reads only the default, triple DES with SHA-1.",
    )

    def __init__(self, *args: Any, needs_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needs_reason = needs_reason
        self.shapes = SHAPES

    def protections(self) -> list[forms.BoundField]:
        return [self[name] for name in ("passphrase", "passphrase_again", "match_v1", "password", "modern")]

    def clean_reason(self) -> str:
        reason = typed_name(self.cleaned_data["reason"])
        if self.needs_reason and not reason:
            raise ValidationError("Say why, in words that can be read.")
        return reason

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if password and len(password) < SHORTEST:
            raise ValidationError(f"Type at least {SHORTEST} characters, or leave it empty.")
        return password

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("shape") == MATCH:
            if len(data.get("passphrase", "")) < SHORTEST:
                self.add_error("passphrase", f"Type at least {SHORTEST} characters.")
            elif data["passphrase"] != data.get("passphrase_again"):
                self.add_error("passphrase_again", "This is not the same. Type both again.")
        return data

    def wishes(self) -> Wishes:
        data = self.cleaned_data
        return Wishes(
            password=data["password"],
            modern=data["modern"],
            passphrase=data["passphrase"],
            match_version=1 if data["match_v1"] else 2,
        )
