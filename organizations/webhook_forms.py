"""The form of a webhook: where it leads and what it is told."""

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError

from organizations import outgoing
from organizations.models import Webhook
from organizations.webhooks.events import Event
from organizations.words import typed_name

_ADDRESS = re.compile(r"[!-~]+")


class WebhookForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100, help_text="What listens there: “Release channel”.")
    url = forms.CharField(
        label="Address", max_length=500, help_text="It begins with https://.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )  # fmt: skip
    events = forms.MultipleChoiceField(
        label="What it is told", choices=Event.choices, widget=forms.CheckboxSelectMultiple
    )

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookForm":
        return cls(initial={"name": webhook.name, "url": webhook.url, "events": webhook.events})

    def clean_name(self) -> str:
        name = typed_name(self.cleaned_data["name"])
        if not name:
            raise ValidationError("Give it a name that can be read.")
        return name

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        try:
            parts = urlsplit(url)
            host, _port = parts.hostname or "", parts.port
        except ValueError:
            raise ValidationError(
                "This is not an address. One looks like https://ci.example.com/hook."
            ) from None
        if not _ADDRESS.fullmatch(url) or not host:
            raise ValidationError("This is not an address. One looks like https://ci.example.com/hook.")
        if parts.scheme != "https" and not (parts.scheme == "http" and outgoing.is_allowed(host)):
            raise ValidationError("It has to begin with https://, so that nobody reads along.")
        if "@" in parts.netloc:
            raise ValidationError("Leave out the user name and the password: deliveries are signed instead.")
        if parts.fragment:
            raise ValidationError("Leave out the # and what follows: no server sees it.")
        if not outgoing.is_allowed(host) and not _may_be_public(host):
            raise ValidationError(
                "This leads to an address inside. The operator names those that are meant in CREDHUB_OUTGOING_ALLOW."
            )
        return url

    def told(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("name", "url", "events")}


def _may_be_public(host: str) -> bool:
    """A name is looked up with each delivery; what it leads to by then counts."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.rstrip(".") != "localhost" and not host.rstrip(".").endswith(".localhost")
    return outgoing.is_public(host)
