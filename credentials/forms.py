"""Forms about credentials of any kind."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from credentials.kinds import forms_of
from credentials.kinds.exports import ON_SCREEN
from credentials.models import Credential
from credentials.sharing import shared_ids, sub_organizations
from organizations.models import Organization
from organizations.words import typed_name


class ShareForm(forms.Form):
    """The share panel: Settings name, everybody or the chosen ones. Its choices are the root's live
    sub-organizations and nothing else, so that no other id can be posted."""

    name = forms.CharField(
        label="Settings name",
        max_length=100,
        help_text="What sub-organizations see.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    shared_with_all = forms.BooleanField(label="Share with all sub-organizations", required=False)
    sub_organizations = forms.MultipleChoiceField(
        label="Sub-organizations", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, credential: Credential, **kwargs: Any) -> None:
        self.credential = credential
        self.choices = sub_organizations(credential)
        self.already = {str(pk) for pk in shared_ids(credential)}
        kwargs.setdefault(
            "initial",
            {
                "name": credential.name,
                "shared_with_all": credential.shared_with_all,
                "sub_organizations": sorted(self.already),
            },
        )
        super().__init__(*args, **kwargs)
        self.fields["sub_organizations"].choices = [(str(sub.pk), sub.name) for sub in self.choices]  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name = typed_name(self.cleaned_data["name"])
        if not name:
            raise ValidationError("Give it a name that can be seen.")
        twins = self.credential.organization.credentials.live().filter(name__iexact=name)
        if twins.exclude(pk=self.credential.pk).exists():
            raise ValidationError("Another credential of this organization has this name. Choose another.")
        return name

    def chosen(self) -> list[Organization]:
        wanted = set(self.cleaned_data.get("sub_organizations", []))
        return [sub for sub in self.choices if str(sub.pk) in wanted]

    def rows(self) -> list[dict[str, Any]]:
        """What the check list renders: each sub-organization, ticked or not, and whether it has access now."""
        value = self["sub_organizations"].value() or []
        has_all = self.credential.shared_with_all
        return [
            {"sub": sub, "checked": str(sub.pk) in value, "has_now": has_all or str(sub.pk) in self.already}
            for sub in self.choices
        ]


class RenameForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class DestroyForm(forms.Form):
    """Whoever destroys an organization types its name."""

    name = forms.CharField(max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization
        self.fields["name"].label = f"Type “{organization}” to confirm"

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if name != self.organization.name:
            raise ValidationError("This is not its name. Nothing was done.")
        return name


class RevealForm(forms.Form):
    """Why, and in which form."""

    reason = forms.CharField(
        label="Reason",
        max_length=200,
        help_text="Goes on record with your name, for everybody who reads the activity log. No secrets here.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    what = forms.ChoiceField(label="In which form", initial=ON_SCREEN, widget=forms.RadioSelect)

    def __init__(self, *args: Any, credential: Credential, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.forms = [(slug, *words) for slug, words in forms_of(credential).items()]
        self.fields["what"].choices = [(slug, label) for slug, label, _ in self.forms]  # type: ignore[attr-defined]

    def clean_reason(self) -> str:
        reason = typed_name(self.cleaned_data["reason"])
        if not reason:
            raise ValidationError("Say why, in words that can be read.")
        return reason


class UsagePeriodForm(forms.Form):
    """The days that an export of pulls covers, both included."""

    MOST_DAYS = 366

    first = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages |= {
                "required": "Say from which day to which.",
                "invalid": "Give the days as 2027-01-31.",
            }

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        first, last = told.get("first"), told.get("last")
        if first and last and first > last:
            raise ValidationError("The first day comes before the last one.")
        if first and last and (last - first).days >= self.MOST_DAYS:
            raise ValidationError("Take at most a year at a time.")
        return told
