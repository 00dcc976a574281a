"""Forms about people and organizations."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from organizations.models import Organization, User
from organizations.permissions import Role


class OrganizationForm(forms.Form):
    """Create or rename: a name. Whether it is free is the model's to say."""

    name = forms.CharField(max_length=80, label="Name", widget=forms.TextInput(attrs={"autocomplete": "off"}))


class InvitationForm(forms.Form):
    email = forms.EmailField(label="E-mail address", max_length=254)
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.DEVELOPER)

    def __init__(self, *args: Any, own_role: Role, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role.value, role.label) for role in Role if role.rank >= own_role.rank
        ]

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        if self.organization.memberships.filter(user__email__iexact=email).exists():
            raise ValidationError("This person is a member already. Change the role in the list above.")
        return email


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class NewAccountForm(forms.Form):
    """The account that an invitation, or the first start, makes."""

    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text="At least 12 characters. A few unrelated words make a good one.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    email_for_validation = ""

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        email = str(self.cleaned_data.get("email") or self.email_for_validation)
        password_validation.validate_password(
            password, User(email=email, name=self.cleaned_data.get("name", ""))
        )
        return password


class SetUpForm(NewAccountForm):
    """The first account and the first root organization."""

    organization = forms.CharField(
        label="Organization", max_length=80, help_text="Your company or team: the root organization."
    )
    email = forms.EmailField(label="E-mail address", max_length=254)
    field_order = ["organization", "name", "email", "password"]
