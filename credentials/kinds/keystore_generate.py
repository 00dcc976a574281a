"""The form that makes a new keystore instead of taking one."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from credentials.kinds.found import Found
from credentials.kinds.keystore_found import ANDROID_KEYSTORE, found_in
from credentials.kinds.kind_form import KindForm, PasswordField
from credentials.making.keystore import DAYS, make_keystore
from credentials.parsing.keystore import parse_keystore

_ASCII = RegexValidator(
    r"\A[ -~]{6,100}\Z",
    "Choose 6 characters or more, and only letters without accents, digits and signs: Java opens no others.",
)
_LONGEST = 64  # of a common name and of an organization, in X.520


def _text(label: str, help_text: str = "", *, most: int = _LONGEST) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=most, help_text=help_text, widget=widget)


class GenerateKeystoreForm(KindForm):
    """Every field may be empty."""

    KIND = ANDROID_KEYSTORE

    alias = _text("Alias", "What Gradle calls keyAlias. Empty: a random one.", most=100)
    password = PasswordField(
        "Password",
        help_text="At least 6 characters, for the keystore and its key alike. Empty: a random one.",
    )
    years = forms.IntegerField(
        label="Valid for years",
        required=False,
        min_value=1,
        max_value=100,
        help_text=f"Empty: {DAYS:,} days, about 27 years. Google Play asks for a day after 22 October 2033.",
    )
    common_name = _text("Common name", "Who signs: a person or a team. Empty: this organization's name.")
    organization_name = _text("Organization")
    country = _text("Country", "Two letters, such as DE.", most=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].validators.append(_ASCII)
        self.fields["country"].validators.append(
            RegexValidator(r"\A[A-Za-z]{2}\Z", "Type two letters, such as DE.")
        )
        self.fields["name"].help_text = "What your teams see. Empty: named after its alias."

    def read(self, data: dict[str, Any]) -> Found:
        new = make_keystore(
            common_name=data["common_name"] or self.organization.name[:_LONGEST],
            organization=data["organization_name"],
            country=data["country"],
            alias=data["alias"],
            password=data["password"],
            days=data["years"] * 365 + data["years"] // 4 if data["years"] else DAYS,
        )
        keystore = parse_keystore(new.file, new.password)
        return found_in(keystore, new.file, new.password, file_name="keystore.p12")
