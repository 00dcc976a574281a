"""The forms in which a person takes a secret with them: a file, or lines for a tool."""

from collections.abc import Callable
from dataclasses import dataclass, field

from credentials.models import Credential


@dataclass(frozen=True)
class ExportedFile:
    name: str
    content: bytes = field(repr=False)
    content_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Export:
    """`make` gets the credential and its opened secret. `note` says what the form is good for."""

    slug: str
    label: str
    note: str
    make: Callable[[Credential, bytes], ExportedFile]


@dataclass(frozen=True)
class Download:
    """What is public of a credential, as a file for everybody who may download assets. `label` is on its button."""

    label: str
    make: Callable[[Credential], ExportedFile]


# Every kind has it: the secret itself, on a page
ON_SCREEN = "reveal"
ON_SCREEN_WORDS = ("Show it on this screen, once", "To copy; gone when you leave the page.")

# The shapes in which several credentials leave together (appstore/working_sets), as reveals and requests name them
SETS = {
    "set-files": "In a working set: plain files",
    "set-eas": "In a working set: EAS credentials.json",
    "set-match": "In a working set: fastlane match repository",
}
