"""The kinds of credential. A kind that an app above brings (Apple's keys) registers itself when Django starts."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponseBase

from credentials.kinds.exports import ON_SCREEN, ON_SCREEN_LABEL, Export
from credentials.kinds.trouble import Trouble
from credentials.models import Credential
from organizations.models import Organization
from organizations.requests import AppRequest

Page = Callable[[AppRequest, Organization, Credential], HttpResponseBase]


@dataclass(frozen=True)
class Kind:
    """`page` shows one credential of the kind; `add_url` names the page that adds one; `trouble` is the help for when
    it is lost or compromised; `exports` are the forms in which its secret is downloaded."""

    slug: str
    label: str
    page: Page
    add_url: str
    trouble: Trouble
    exports: tuple[Export, ...] = ()


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    KINDS[kind.slug] = kind


def forms_of(credential: Credential) -> dict[str, str]:
    """Slug → label of the forms in which this credential's secret can be had."""
    kind = KINDS.get(credential.kind)
    return {ON_SCREEN: ON_SCREEN_LABEL, **{each.slug: each.label for each in (kind.exports if kind else ())}}


def export_of(credential: Credential, slug: str) -> Export | None:
    """The form with this slug; None: on the screen."""
    return next((each for each in KINDS[credential.kind].exports if each.slug == slug), None)
