"""Forms of the pages of apps."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from appstore.change_forms import NameField
from appstore.models import App, AppPlatform, Policy
from organizations.models import Organization


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


class ChangeAppForm(_AppForm):
    name = NameField(label="Name", max_length=100)
    field_order = ["name", "policy"]


class FreezeForm(forms.Form):
    because = NameField(
        label="Why",
        max_length=200,
        help_text="Such as: 4.2 is in review until Friday. Whoever is stopped by it reads this.",
    )
