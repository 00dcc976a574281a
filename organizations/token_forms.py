"""Forms that say what a machine may do: for a token, and for the jobs of a trusted CI provider."""

import ipaddress
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from organizations.bundle_ids import is_pattern
from organizations.federation.providers import GENERIC, Provider
from organizations.models.api_token import DEFAULT_DAYS, MOST_DAYS
from organizations.permissions import Permission
from organizations.scopes import FOR_ANY_APP, FOR_ONE_APP, KINDS, has_kinds, of_kinds
from organizations.token_rotation import MOST_OVERLAP_DAYS
from organizations.words import clean, typed_name

LIMITS = ("scopes", "kinds", "bundle_ids", "networks")


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(text.replace(",", " ").split()))


def _days(initial: int) -> forms.IntegerField:
    return forms.IntegerField(
        label="Days until it ends",
        initial=initial,
        min_value=1,
        max_value=MOST_DAYS,
        help_text=f"At most {MOST_DAYS}.",
    )


class LimitsForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100, help_text="Where it is used: “GitHub, release job”.")
    scopes = forms.MultipleChoiceField(label="What it may do", widget=forms.CheckboxSelectMultiple)
    kinds = forms.MultipleChoiceField(
        label="Only these kinds of credential", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Choose none for all of them.",
    )  # fmt: skip
    bundle_ids = forms.CharField(
        label="Only these bundle IDs", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Leave empty for all. com.acme.app, or com.acme.* for all that begin so, with spaces between them. "
        "It then opens no key of a whole team.",
    )  # fmt: skip
    networks = forms.CharField(
        label="Only from these networks", required=False, max_length=2000,
        help_text="Leave empty for everywhere. Addresses or ranges such as 192.0.2.0/24, with spaces between them.",
    )  # fmt: skip

    def __init__(self, *args: Any, scopes: list[Permission], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(each.value, each.label) for each in scopes]  # type: ignore[attr-defined]
        self.fields["kinds"].choices = sorted(KINDS.items(), key=lambda kind: kind[1])  # type: ignore[attr-defined]

    @property
    def limit_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in LIMITS]

    def clean_name(self) -> str:
        name = typed_name(self.cleaned_data["name"])
        if not name:
            raise ValidationError("Give it a name that can be read.")
        return name

    def clean_bundle_ids(self) -> list[str]:
        words = _words(self.cleaned_data["bundle_ids"])
        for word in words:
            if not is_pattern(word):
                raise ValidationError(
                    f"“{clean(word, 80)}” is not a bundle ID such as com.acme.app or com.acme.*."
                )
        return words

    def clean_networks(self) -> list[str]:
        words = _words(self.cleaned_data["networks"])
        for word in words:
            try:
                ipaddress.ip_network(word)
            except ValueError:
                raise ValidationError(
                    f"“{clean(word, 80)}” is not an address or a range such as 192.0.2.0/24."
                ) from None
        return words

    def clean(self) -> None:
        chosen = {Permission(each) for each in self.cleaned_data.get("scopes", [])}
        if self.cleaned_data.get("bundle_ids"):
            for permission in sorted(chosen - FOR_ANY_APP - FOR_ONE_APP):
                self.add_error(
                    "bundle_ids", f"“{permission.label}” is about the whole organization. Give it to another."
                )
        if chosen and self.cleaned_data.get("kinds") and not any(map(has_kinds, chosen)):
            self.add_error("kinds", "Nothing that it may do is about credentials.")

    def limits(self) -> dict[str, Any]:
        """As `issue` and `add` take them."""
        told = self.cleaned_data
        return {
            "name": told["name"],
            "scopes": of_kinds(told["scopes"], told["kinds"]),
            "bundle_ids": told["bundle_ids"],
            "networks": told["networks"],
        }


class TokenForm(LimitsForm):
    days = _days(DEFAULT_DAYS)


class RotateForm(forms.Form):
    overlap = forms.IntegerField(
        label="Days that the old secret works on", initial=1, min_value=0, max_value=MOST_OVERLAP_DAYS,
        help_text=f"0: it ends at once. At most {MOST_OVERLAP_DAYS}.",
    )  # fmt: skip
    days = _days(DEFAULT_DAYS)


class TrustPolicyForm(LimitsForm):
    issuer = forms.CharField(label="Issuer", max_length=300)
    audience = forms.CharField(
        label="Audience",
        max_length=300,
        help_text="What the job asks its token for (aud). It has to be exactly this.",
    )
    more = forms.CharField(
        label="Further claims", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line: name = value.",
    )  # fmt: skip
    key_set = forms.CharField(
        label="Keys of the issuer (JWKS)", required=False, max_length=64 * 1024,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Leave empty: CredHub asks the issuer. Paste them where it cannot be reached from here.",
    )  # fmt: skip

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.provider = provider
        self.fields["issuer"].initial = provider.issuer
        self.fields["issuer"].help_text = provider.issuer_help
        if provider.issuer_is_fixed:
            self.fields["issuer"].widget.attrs["readonly"] = True
        if provider is GENERIC:
            self.fields["more"].help_text += " At least sub, or one that ends in _id."
        for claim in (*provider.required, *provider.offered):
            self.fields[claim.field] = forms.CharField(
                label=claim.label, max_length=300, required=claim in provider.required,
                help_text=claim.help if claim in provider.required else f"{claim.help} Leave empty for any.".strip(),
            )  # fmt: skip

    @property
    def provider_fields(self) -> list[forms.BoundField]:
        named = [claim.field for claim in (*self.provider.required, *self.provider.offered)]
        return [self[name] for name in ("issuer", "audience", *named, "more", "key_set")]

    def clean_more(self) -> dict[str, str]:
        found = {}
        for line in filter(None, map(str.strip, str(self.cleaned_data["more"]).splitlines())):
            name, equals, value = (part.strip() for part in line.partition("="))
            if not (name and equals and value):
                raise ValidationError(f"“{clean(line, 80)}” is not of the form name = value.")
            if name in found:
                raise ValidationError(f"“{clean(name, 80)}” stands here twice: it can have one value.")
            found[name] = value
        return found

    def clean(self) -> None:
        super().clean()
        for name in self._named().keys() & self.cleaned_data.get("more", {}).keys():
            self.add_error("more", f"“{name}” has a field of its own above, and a value in it.")

    def asked(self) -> dict[str, str]:
        """The claims that a job has to have."""
        return {**self.cleaned_data["more"], **self._named()}

    def _named(self) -> dict[str, str]:
        """Of the fields that are filled in: an empty one takes back nothing that stands among the further claims."""
        told = self.cleaned_data
        claims = (*self.provider.required, *self.provider.offered)
        return {claim.name: value for claim in claims if (value := told.get(claim.field, "").strip())}
