"""Forms of device invitations: what an admin makes, and what somebody without an account tells."""

from django import forms
from django.core.exceptions import ValidationError

from appstore.change_forms import DEVICE_PLATFORMS, KeyForm, NameField
from appstore.models.device_invitation import DEFAULT_DAYS, MOST_DAYS, MOST_USES
from credentials.parsing.udid import UDID


class DeviceInvitationForm(KeyForm):
    name = NameField(
        label="What for", max_length=100, help_text="Such as “Testers of spring”. The invited see it."
    )
    uses = forms.IntegerField(
        label="Devices at most",
        min_value=1,
        max_value=MOST_USES,
        initial=1,
        help_text="1 for one person; up to 100 for a link that you send to a group.",
    )
    days = forms.IntegerField(
        label="Ends after days",
        min_value=1,
        max_value=MOST_DAYS,
        initial=DEFAULT_DAYS,
        help_text="At most 30.",
    )
    when = forms.ChoiceField(
        label="What comes in",
        choices=[
            ("approve", "Waits until somebody here approves it"),
            ("at-once", "Is registered at Apple at once, in your name"),
        ],
        widget=forms.RadioSelect,
        initial="approve",
    )
    field_order = ["name", "uses", "days", "when", "key"]

    @property
    def at_once(self) -> bool:
        return bool(self.cleaned_data["when"] == "at-once")


class DeviceNameForm(forms.Form):
    """Before an iPhone or iPad is asked who it is."""

    prefix = "phone"
    name = NameField(
        label="What shall the device be called?",
        max_length=50,
        help_text="Your name and what it is, such as “Ada's iPhone”.",
    )


class TypedDeviceForm(forms.Form):
    """A device whose UDID somebody typed."""

    prefix = "typed"
    name = NameField(
        label="Name", max_length=50, help_text="Your name and what it is, such as “Ada's Watch”."
    )
    udid = forms.CharField(
        label="UDID",
        max_length=64,
        help_text="40 digits and letters; or 8, a dash and 16; or the five groups of an older Mac.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )
    platform = forms.ChoiceField(
        label="What it is", choices=DEVICE_PLATFORMS, widget=forms.RadioSelect, initial="IOS"
    )

    def shown_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields]

    def clean_udid(self) -> str:
        udid = str(self.cleaned_data["udid"]).strip()
        if not UDID.fullmatch(udid):
            raise ValidationError(
                "This is no UDID. It is 40 digits and letters; or 8, a dash and 16; or the five groups of an older "
                "Mac: copy it, and paste it here."
            )
        return udid
