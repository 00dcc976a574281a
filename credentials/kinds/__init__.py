"""The kinds of credential. A kind that an app above brings (Apple's keys) registers itself when Django starts."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponseBase

from credentials.kinds.trouble import Trouble
from credentials.models import Credential
from organizations.models import Organization
from organizations.requests import AppRequest

Page = Callable[[AppRequest, Organization, Credential], HttpResponseBase]


@dataclass(frozen=True)
class Kind:
    """`page` shows one credential of the kind; `add_url` names the page that adds one; `trouble` is the help for when
    it is lost or compromised."""

    slug: str
    label: str
    page: Page
    add_url: str
    trouble: Trouble


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    KINDS[kind.slug] = kind
