"""Android keystores: the keys that sign apps, as a file that Gradle, jarsigner and apksigner open."""

from typing import Any

from django import forms

from credentials.kinds import Kind, Platform
from credentials.kinds.found import Found, Row
from credentials.kinds.keystore_exports import KEYSTORE_EXPORTS, as_text
from credentials.kinds.keystore_found import ANDROID_KEYSTORE, found_in
from credentials.kinds.keystore_generate import GenerateKeystoreForm
from credentials.kinds.kind_form import KindForm, PasswordField
from credentials.kinds.trouble import Trouble
from credentials.models import Credential
from credentials.parsing.keystore import Keystore


class AndroidKeystoreForm(KindForm):
    KIND = ANDROID_KEYSTORE
    ERROR_FIELDS = {
        "password-needed": "password",
        "wrong-password": "password",
        "wrong-key-password": "key_password",
        "key-password-needed": "key_password",
        "no-alias": "alias",
    }

    file = forms.FileField(
        label="Keystore (.jks, .keystore or .p12)",
        allow_empty_file=True,  # the parser says it better
        widget=forms.ClearableFileInput(attrs={"accept": ".jks,.keystore,.ks,.p12,.pfx"}),
    )
    password = PasswordField("Keystore password", required=True, help_text="storePassword in Gradle.")
    alias = forms.CharField(
        label="Alias",
        required=False,
        max_length=200,
        help_text="Only where the file has several keys with different passwords. Empty: all of them.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    key_password = PasswordField(
        "Key password", help_text="keyPassword in Gradle. Empty: the same as the keystore's."
    )

    def read(self, data: dict[str, Any]) -> Found:
        options = {name: str(data[name]) for name in ("password", "alias", "key_password")}
        keystore = self.read_file(Keystore, **options)
        upload = data["file"]
        upload.seek(0)
        return found_in(keystore, upload.read(), options["password"], file_name=upload.name)


def _rows(credential: Credential) -> list[Row]:
    facts = credential.facts
    rows = [Row("Type", facts["type"])]
    for each in facts["aliases"]:
        rows += [
            Row("Alias", each["alias"], is_code=True),
            Row("Certificate of", each["subject"]),
            Row("Key", each["algorithm"]),
            Row("Valid", f"{each['not_before'][:10]} to {each['not_after'][:10]}"),
            Row("SHA-256", each["sha256"], is_code=True),
            Row("SHA-1", each["sha1"], is_code=True),
            Row("MD5", each["md5"], is_code=True),
        ]
    closed = ", ".join(facts["closed"])
    return [
        *rows,
        Row("Other aliases in the file", f"{closed}. Add the file once more for each." if closed else ""),
    ]


def _summary(credential: Credential) -> str:
    facts = credential.facts
    return ", ".join(each["alias"] for each in facts.get("aliases", []))


KIND = Kind(
    slug=ANDROID_KEYSTORE,
    label="Android keystore",
    platform=Platform.ANDROID,
    is_of_an_app=True,
    signs_builds=True,
    about="Signs Android apps: uploads to Google Play, and what is installed from elsewhere.",
    elsewhere="What it signed stays installed and published. An update has to be signed with the same key.",
    notes=(
        "The file that storeFile in the app's build.gradle or keystore.properties names.",
        "With Play App Signing it is the upload key, which Google can reset.",
        "Without, it is the key that devices know, and nobody can replace it: keep a second copy elsewhere.",
        "Google and Facebook ask for its fingerprints, SHA-1 and SHA-256. They stand on its page here.",
    ),
    form=AndroidKeystoreForm,
    generate=GenerateKeystoreForm,
    summary=_summary,
    rows=_rows,
    show=as_text,
    exports=KEYSTORE_EXPORTS,
    trouble=Trouble(
        lost="""With Play App Signing the account owner asks for an upload key reset in the Play Console. Without it
the app can never be updated again, so keep a second copy of the file and its passwords outside of CredHub.""",
        compromised=(
            """With Play App Signing: make a new keystore, and ask for an upload key reset in the Play Console. Halt
releases that nobody of yours made.""",
            """Without it: enrol the app in Play App Signing and ask for a key upgrade, use key rotation of the APK
signature scheme v3, and tell users where not to install from.""",
            "Replace it in every app and job that signs with it, then archive this one.",
            "Read the activity of this organization: who opened or downloaded it, and from where.",
        ),
    ),
)
