"""The kinds of credential. A kind that an app above brings (Apple's keys) registers itself when Django starts."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.http import HttpResponseBase

from credentials.kinds.exports import ON_SCREEN, ON_SCREEN_WORDS, SETS, Download, Export
from credentials.kinds.found import Row
from credentials.kinds.kind_form import KindForm
from credentials.kinds.trouble import Trouble
from credentials.models import Credential
from organizations import scopes
from organizations.actors import Actor
from organizations.models import Organization
from organizations.requests import AppRequest

Page = Callable[[AppRequest, Organization, Credential], HttpResponseBase]


class Platform(StrEnum):
    """The shelves of the page on which somebody chooses what to add."""

    APPLE = "Apple"
    ANDROID = "Android"
    OTHER = "Other"


def _no_rows(_credential: Credential) -> list[Row]:
    return []


def _nothing_more(_actor: Actor, _organization: Organization, _credential: Credential) -> dict[str, Any]:
    return {}


def _no_summary(_credential: Credential) -> str:
    return ""


def _as_text(secret: bytes) -> str:
    return secret.decode(errors="replace")


@dataclass(frozen=True)
class Kind:
    """One kind of credential.

    `about` says in a sentence what it is for, `elsewhere` what goes on outside when it is archived here; `notes` are
    what stands beside its form: what is needed, and where to get it. `form` adds one and replaces its secret,
    `generate` makes a new one. `summary` is the line under its name in lists, `rows` are the facts on its page, `show`
    is its secret as text for the screen. `exports` are the forms in which the secret is downloaded, `trouble` the help
    for when it is lost or compromised.

    `download` is what everybody gets who may download assets. `template` is its page where that has more to show than
    the facts: what `more` finds, for who looks at it in which organization.

    `page`, `add_url` and `replace` take the place of the pages that every kind has: one credential, the name of the
    page that adds one, and the view that replaces its secret.
    """

    slug: str
    label: str
    trouble: Trouble
    platform: Platform
    about: str
    elsewhere: str
    notes: tuple[str, ...] = ()
    form: type[KindForm] | None = None
    generate: type[KindForm] | None = None
    summary: Callable[[Credential], str] = _no_summary
    rows: Callable[[Credential], list[Row]] = _no_rows
    show: Callable[[bytes], str] = _as_text
    exports: tuple[Export, ...] = ()
    download: Download | None = None
    is_of_an_app: bool = False  # and not of a whole team or account: tokens of that app may open it
    signs_builds: bool = (
        False  # with the secret on their machine: they get it as signing assets, shared ones, too
    )
    is_public: bool = False  # as a whole: nothing of it has to be revealed
    template: str = "credentials/credential.html"
    more: Callable[[Actor, Organization, Credential], dict[str, Any]] = _nothing_more
    is_checked: bool = False  # at Apple: then its status says how that went
    can_replace: bool = True
    page: Page | None = None
    add_url: str = ""
    replace: Callable[..., Any] | None = None

    @property
    def can_generate(self) -> bool:
        return self.generate is not None


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    KINDS[kind.slug] = kind
    scopes.KINDS[kind.slug] = kind.label  # tokens may be limited to it


def forms_of(credential: Credential) -> dict[str, tuple[str, str]]:
    """Slug → label and note of the forms in which this credential's secret can be had."""
    kind = KINDS.get(credential.kind)
    exports = kind.exports if kind else ()
    return {ON_SCREEN: ON_SCREEN_WORDS, **{each.slug: (each.label, each.note) for each in exports}}


def form_label(credential: Credential, slug: str) -> str:
    """One that is no more is called by its slug."""
    return SETS.get(slug) or forms_of(credential).get(slug, (slug, ""))[0]


def export_of(credential: Credential, slug: str) -> Export | None:
    """The form with this slug; None: on the screen."""
    return next((each for each in KINDS[credential.kind].exports if each.slug == slug), None)
