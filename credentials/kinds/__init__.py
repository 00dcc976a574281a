"""The kinds of credential. A kind that an app above brings (Apple's keys) registers itself when Django starts."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponseBase

from credentials.kinds.exports import ON_SCREEN, ON_SCREEN_WORDS, Export
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


def forms_of(credential: Credential) -> dict[str, tuple[str, str]]:
    """Slug → label and note of the forms in which this credential's secret can be had."""
    kind = KINDS.get(credential.kind)
    exports = kind.exports if kind else ()
    return {ON_SCREEN: ON_SCREEN_WORDS, **{each.slug: (each.label, each.note) for each in exports}}


def form_label(credential: Credential, slug: str) -> str:
    """One that is no more is called by its slug."""
    return forms_of(credential).get(slug, (slug, ""))[0]


def export_of(credential: Credential, slug: str) -> Export | None:
    """The form with this slug; None: on the screen."""
    return next((each for each in KINDS[credential.kind].exports if each.slug == slug), None)
