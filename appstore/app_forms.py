"""Forms of the pages of apps."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from appstore.change_forms import NameField
from appstore.models import App, AppPlatform, BundleId, Policy
from organizations.actors import Actor
from organizations.models import Organization
from organizations.words import typed_name


class _AppForm(forms.Form):
    policy = forms.ChoiceField(
        label="What CredHub may do at Apple for it",
        choices=Policy.choices,
        widget=forms.RadioSelect,
        initial=Policy.SUGGEST,
        help_text="When somebody asks to ensure its signing, and by itself before something expires.",
    )

    def shown_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields]


class AddAppForm(_AppForm):
    platform = forms.ChoiceField(
        label="Platform", choices=AppPlatform.choices, widget=forms.RadioSelect, initial=AppPlatform.IOS
    )
    identifier = forms.CharField(
        label="Bundle ID or application ID",
        max_length=155,
        help_text="Such as com.example.app. What Apple has registered for your teams is offered while you type.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "list": "known-identifiers"}
        ),
    )
    name = NameField(
        label="Name", required=False, max_length=100, help_text="Empty: the bundle ID is its name."
    )
    field_order = ["platform", "identifier", "name", "policy"]

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            self.app = App(
                organization=self.organization,
                platform=data["platform"],
                identifier=data["identifier"],
                name=data["name"] or data["identifier"][:100],
                policy=data["policy"],
            )
            try:
                self.app.full_clean()
            except ValidationError as error:
                self.add_error("identifier", error.messages[0])
        return data


class AddSeveralAppsForm(_AppForm):
    """Of bundle IDs that Apple has, and that are neither apps here nor extensions of one."""

    bundle_ids = forms.MultipleChoiceField(label="Bundle IDs", widget=forms.CheckboxSelectMultiple)
    field_order = ["bundle_ids", "policy"]
    prefix = "several"

    def __init__(
        self, *args: Any, organization: Organization, offered: Iterable[BundleId], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization
        rows = App.objects.filter(organization=organization)  # each identifier is an app once a platform
        here = {f"{each.platform}:{found}" for each in rows for found in each.bundle_ids}
        self.offered = {
            value: each for each in offered if (value := f"{_platform(each)}:{each.identifier}") not in here
        }
        field: Any = self.fields["bundle_ids"]
        field.choices = [(value, f"{each.identifier} · {each.name}") for value, each in self.offered.items()]

    def add(self, actor: Actor) -> list[App]:
        """All of them, or none."""
        made = []
        with transaction.atomic():
            for value in self.cleaned_data["bundle_ids"]:
                each = self.offered[value]
                name = typed_name(each.name)[:100] or each.identifier[:100]
                app = App(
                    organization=self.organization, platform=_platform(each), identifier=each.identifier, name=name,
                    policy=self.cleaned_data["policy"],
                )  # fmt: skip
                app.add(actor)
                made.append(app)
        return made


def _platform(bundle_id: BundleId) -> str:
    return AppPlatform.MAC_OS if bundle_id.platform == "MAC_OS" else AppPlatform.IOS


class ChangeAppForm(_AppForm):
    name = NameField(label="Name", max_length=100)
    field_order = ["name", "policy"]


class ExtensionsForm(forms.Form):
    """Those that it has, with what Apple knows by its name to choose from, and others by hand."""

    chosen = forms.MultipleChoiceField(
        label="Extensions", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="What the app has now is marked. The others are bundle IDs at Apple that begin as the app's does.",
    )  # fmt: skip
    others = forms.CharField(
        label="Bundle IDs of others",
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text="One a line.",
    )

    def __init__(self, *args: Any, app: App, suggested: Iterable[BundleId], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"chosen": app.extensions}
        self.app = app
        offered = [(each, each) for each in app.extensions]
        offered += [(each.identifier, f"{each.identifier} · {each.name}") for each in suggested]
        field: Any = self.fields["chosen"]
        field.choices = offered
        if not offered:
            del self.fields["chosen"]
        self.fields["others"].help_text = f"One a line, such as {app.identifier}.widget."

    def shown_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields]

    def save(self, actor: Actor) -> bool:
        """False, with the reason on the form, where one of them can be none of its extensions."""
        wanted = [*self.cleaned_data.get("chosen", []), *self.cleaned_data["others"].split()]
        try:
            self.app.set_extensions(actor, wanted)
        except ValidationError as error:
            self.add_error("others", error.messages[0])
            return False
        return True


class FreezeForm(forms.Form):
    because = NameField(
        label="Why",
        max_length=200,
        help_text="Such as: 4.2 is in review until Friday. Whoever is stopped by it reads this.",
    )
