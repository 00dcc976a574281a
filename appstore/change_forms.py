"""Forms that order changes at Apple. Their choices are rows that the actor may change, and nothing else."""

import csv
import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Lower

from appstore.changes.plans import NewProfile, Step, certificates_for, devices_for
from appstore.models import AppStoreConnectKey, BundleId, Certificate, DeveloperTeam, Device, Profile
from appstore.models.app_store_connect_key import AppStoreConnectKeyQuerySet
from appstore.profile_types import ProfileType, types_for
from appstore.words import apple_words
from credentials.parsing.udid import UDID, normalise_udid
from organizations.words import typed_name

CERTIFICATE_TYPES = {
    "DISTRIBUTION": "Apple Distribution: App Store, Ad Hoc; iOS, tvOS, macOS",
    "DEVELOPMENT": "Apple Development: on registered devices, all platforms",
    "IOS_DISTRIBUTION": "iOS Distribution: App Store, Ad Hoc, In-House",
    "IOS_DEVELOPMENT": "iOS Development",
    "MAC_APP_DISTRIBUTION": "Mac App Distribution",
    "MAC_INSTALLER_DISTRIBUTION": "Mac Installer Distribution",
    "MAC_APP_DEVELOPMENT": "Mac Development",
}
PLATFORMS = [
    ("IOS", "iOS, iPadOS, tvOS, watchOS, visionOS"),
    ("MAC_OS", "macOS"),
    ("UNIVERSAL", "All of them"),
]
DEVICE_PLATFORMS = [("IOS", "iPhone, iPad, iPod, Apple TV, Watch or Vision"), ("MAC_OS", "Mac")]
IDENTIFIER = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(\.\*)?|\*")
MOST_DEVICES = 200


class NameField(forms.CharField):
    """A name that Apple is to have: one plain line."""

    widget = forms.TextInput(attrs={"autocomplete": "off"})

    def to_python(self, value: Any) -> str:
        return typed_name(value)


class ChangeForm(forms.Form):
    def offer(self, name: str, rows: QuerySet[Any], label: Callable[[Any], str]) -> None:
        """Rows to choose from, and what each is called: many have the same name."""
        field: Any = self.fields[name]
        field.queryset, field.label_from_instance = rows, label

    def shown_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields]


class KeyForm(ChangeForm):
    """Which key does it: a choice where there are several."""

    key = forms.ModelChoiceField(AppStoreConnectKey.objects.none(), label="API key", empty_label=None)

    def __init__(self, *args: Any, keys: AppStoreConnectKeyQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = list(keys)
        self.offer("key", keys, lambda key: f"{key} · {key.team}")
        self.fields["key"].initial = self.keys[0].pk if self.keys else None

    def shown_fields(self) -> list[forms.BoundField]:
        """All; one key is no choice, unless it came in the place of the one that was sent."""
        if not self.errors.get("key") and len(self.keys) < 2:
            self.fields["key"].widget = forms.HiddenInput()
        return super().shown_fields()

    @property
    def teams(self) -> list[DeveloperTeam]:
        """Of the keys that may be chosen."""
        return list({key.team.pk: key.team for key in self.keys if key.team}.values())

    @property
    def chosen(self) -> AppStoreConnectKey:
        key: AppStoreConnectKey = self.cleaned_data["key"]
        return key

    @property
    def team(self) -> DeveloperTeam:
        team = self.chosen.team
        if team is None:
            raise ValueError("A key that can write has a team.")
        return team


class CreateCertificateForm(KeyForm):
    certificate_type = forms.ChoiceField(
        label="Type",
        choices=list(CERTIFICATE_TYPES.items()),
        widget=forms.RadioSelect,
        initial="DISTRIBUTION",
    )

    def steps(self) -> list[Step]:
        return [{"do": "create-certificate", "certificate_type": self.cleaned_data["certificate_type"]}]


class RegisterDevicesForm(KeyForm):
    """One a line, as people have them: a name and a UDID in either order, with a tab, comma or spaces between; or the
    file that Apple's website takes."""

    devices = forms.CharField(
        label="Devices",
        max_length=50_000,
        help_text="One a line: UDID and name, with a comma or a tab between them.",
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false"}),
    )
    platform = forms.ChoiceField(
        label="Platform",
        choices=DEVICE_PLATFORMS,
        widget=forms.RadioSelect,
        initial="IOS",
    )

    def clean_devices(self) -> list[tuple[str, str]]:
        """(name, UDID) each."""
        found: dict[str, tuple[str, str]] = {}
        for number, line in enumerate(str(self.cleaned_data["devices"]).splitlines(), 1):
            words = [word.strip() for word in next(csv.reader([line.replace("\t", ",")]), []) if word.strip()]
            if len(words) == 1:
                words = words[0].split(maxsplit=1)
            if not words or words[0].lower() in {"device id", "udid"}:
                continue  # an empty line, or the head of Apple's file
            udid = next((word for word in words if UDID.fullmatch(word)), "")
            if not udid:
                raise ValidationError(
                    f"Line {number} has no UDID. It is 40 digits and letters, or 8, a dash and 16: copy it from "
                    "Finder or Xcode."
                )
            name = typed_name(
                " ".join(word for word in words if word != udid and word.lower() not in {"ios", "mac"})
            )
            found[normalise_udid(udid)] = (name or f"Device {udid[-4:]}", udid)
        if not found:
            raise ValidationError("Paste at least one device.")
        if len(found) > MOST_DEVICES:
            raise ValidationError(f"Register at most {MOST_DEVICES} devices at once.")
        return list(found.values())

    def steps(self) -> list[Step]:
        platform = self.cleaned_data["platform"]
        return [
            {"do": "register-device", "name": name[:50], "udid": udid, "platform": platform}
            for name, udid in self.cleaned_data["devices"]
        ]


class ChangeDeviceForm(KeyForm):
    name = NameField(label="Name", max_length=50)
    status = forms.ChoiceField(
        label="Status", choices=[("ENABLED", "Enabled"), ("DISABLED", "Disabled")], widget=forms.RadioSelect
    )

    def steps(self, apple_id: str) -> list[Step]:
        names = [name for name in ("name", "status") if name in self.changed_data]
        changed: Step = {name: self.cleaned_data[name] for name in names}
        return [{"do": "update-device", "device": apple_id, **changed}] if changed else []


class RegisterBundleIdForm(KeyForm):
    identifier = forms.CharField(
        label="Bundle ID",
        max_length=155,
        help_text="Such as com.example.app, or com.example.* for several apps.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = NameField(label="Name", max_length=50)
    platform = forms.ChoiceField(label="Platform", choices=PLATFORMS, widget=forms.RadioSelect, initial="IOS")

    def clean_identifier(self) -> str:
        identifier = str(self.cleaned_data["identifier"]).strip()
        if not IDENTIFIER.fullmatch(identifier):
            raise ValidationError(
                "A bundle ID is words of letters, digits and dashes, with dots between them."
            )
        return identifier

    def clean_name(self) -> str:
        # Apple takes letters, digits and spaces
        name = re.sub(r"[^\w ]", " ", self.cleaned_data["name"]).replace("_", " ").strip()
        if not name:
            raise ValidationError("Apple takes letters, digits and spaces.")
        return " ".join(name.split())

    def steps(self) -> list[Step]:
        data = self.cleaned_data
        names = ("identifier", "name", "platform")
        return [{"do": "register-bundle-id", **{name: data[name] for name in names}}]


class IngredientsForm(ChangeForm):
    """What a profile of this kind is made of: certificates that may sign it, devices that it may name."""

    certificates = forms.ModelMultipleChoiceField(
        Certificate.objects.none(), label="Certificates", widget=forms.CheckboxSelectMultiple
    )
    devices = forms.ModelMultipleChoiceField(
        Device.objects.none(), label="Devices", widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, kind: ProfileType, team: DeveloperTeam, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        certificates = certificates_for(kind, Certificate.objects.filter(team=team))
        self.offer("certificates", certificates, lambda row: f"{row} · until {row.expiration_date:%Y-%m-%d}")
        if kind.names_devices:
            devices = devices_for(kind, Device.objects.filter(team=team)).order_by(Lower("name"), "udid")
            self.offer("devices", devices, lambda row: f"{row} · {row.udid[-6:]}")
        else:
            del self.fields["devices"]

    def made_of(self, name: str, bundle_id: BundleId) -> NewProfile:
        data = self.cleaned_data
        return NewProfile(
            name, self.kind, bundle_id, list(data["certificates"]), list(data.get("devices", []))
        )


class NewProfileForm(IngredientsForm):
    bundle_id = forms.ModelChoiceField(BundleId.objects.none(), label="App ID", empty_label=None)
    name = NameField(
        label="Name",
        required=False,
        max_length=100,
        help_text="Once only in a team. Empty: named after the App ID and the type.",
    )
    field_order = ["bundle_id", "certificates", "devices", "name"]

    def __init__(self, *args: Any, team: DeveloperTeam, **kwargs: Any) -> None:
        super().__init__(*args, team=team, **kwargs)
        self.team = team
        bundles = BundleId.objects.filter(team=team, platform__in=self.kind.bundle_platforms).at_apple()
        self.offer("bundle_id", bundles.order_by("identifier"), lambda row: f"{row.identifier} · {row.name}")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if bundle_id := data.get("bundle_id"):
            name = data.get("name") or f"{bundle_id.identifier} {self.kind.label}"
            if Profile.objects.filter(team=self.team, gone_at=None, name=name).exists():
                self.add_error(
                    "name", f"There is a profile “{name}”. Choose another name, or make that one anew."
                )
            data["name"] = name
        return data

    def profile(self) -> NewProfile:
        return self.made_of(self.cleaned_data["name"], self.cleaned_data["bundle_id"])


class ProfileKindForm(KeyForm):
    """The first step of making a profile."""

    profile_type = forms.ChoiceField(label="Type", widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programs = {key.is_enterprise for key in self.keys}
        kinds = {
            each.name: each.label for program in sorted(programs) for each in types_for(is_enterprise=program)
        }
        field: Any = self.fields["profile_type"]
        field.choices = list(kinds.items())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        key, kind = data.get("key"), data.get("profile_type")
        if key and kind and kind not in {each.name for each in types_for(is_enterprise=key.is_enterprise)}:
            self.add_error("profile_type", f"{apple_words(kind)} profiles need a key of another program.")
        return data
