"""The form that adds a credential of one kind, and that replaces the secret of one."""

from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from credentials.kinds.found import Found
from credentials.kinds.storing import LONGEST_NAME, free_name, store_found
from credentials.models import Credential
from credentials.parsing.errors import ParsingError
from credentials.reading import READERS, read_upload
from organizations.actors import Actor
from organizations.models import Organization
from organizations.words import typed_name

T = TypeVar("T")


class PasswordField(forms.CharField):
    """A password of a file, taken as it is typed and never put into a page."""

    def __init__(self, label: str, *, required: bool = False, help_text: str = "") -> None:
        widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"})
        super().__init__(
            label=label, required=required, strip=False, max_length=1000, help_text=help_text, widget=widget
        )


class MultipleFileInput(forms.ClearableFileInput):
    """Takes several files. One form reads one of them: see `KindForm.TAKES_SEVERAL`."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.get(name)


class KindForm(forms.Form):
    """A kind's own form declares its fields and says in `read` what came in. What is uploaded or secret is never
    rendered back: whoever corrects an error chooses the file again.

    `KIND` is the kind's slug; `ERROR_FIELDS` says to which field the refusals of a parser belong (by code; else
    to `file`). `SECRET_FIELDS` are fields that hold a secret besides files and passwords. With `TAKES_SEVERAL` its
    `file` may be several files at once, each a credential of its own.
    """

    KIND = ""
    ERROR_FIELDS: dict[str, str] = {}
    SECRET_FIELDS: frozenset[str] = frozenset()
    TAKES_SEVERAL = False

    name = forms.CharField(
        label="Name",
        required=False,
        max_length=LONGEST_NAME,
        help_text="What your teams see. Empty: named after what is in it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    replace_existing = forms.BooleanField(label="Replace what is stored", required=False)

    def __init__(
        self, *args: Any, organization: Organization, replaces: Credential | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization
        self.replaces = replaces
        self.existing: Credential | None = None
        self.order_fields([each for each in self.fields if each != "name"])  # the name comes last
        if replaces is not None:
            del self.fields["name"], self.fields["replace_existing"]

    def read(self, data: dict[str, Any]) -> Found:
        """What the fields hold. Raises ParsingError."""
        raise NotImplementedError

    def read_file(self, wanted: type[T], field: str = "file", **options: str) -> T:
        """The facts of the uploaded file, read in a child process. Raises ParsingError."""
        upload: UploadedFile[bytes] = self.cleaned_data[field]
        raw = upload.read(READERS[wanted][1] + 1)
        return read_upload(wanted, raw, organization_id=self.organization.pk, **options)

    def shown_fields(self) -> list[forms.BoundField]:
        """Those that the page renders, in their order."""
        return [self[name] for name in self.fields if name != "replace_existing"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.found = self.read(data)
            except ParsingError as error:
                field = self.ERROR_FIELDS.get(error.code, "file" if "file" in self.fields else None)
                self.add_error(field, ValidationError(error.message, code=error.code))
            else:
                self._compare()
        self.data = {name: value for name, value in self.data.items() if name not in self._kept_back()}
        return data

    def _kept_back(self) -> set[str]:
        passwords = {name for name, field in self.fields.items() if isinstance(field, PasswordField)}
        return passwords | self.SECRET_FIELDS

    def _compare(self) -> None:
        """With what the organization has."""
        if self.replaces is not None:
            if self.found.identifier != self.replaces.identifier:
                self.add_error(
                    None,
                    f"This is another one, {self.found.name}. Choose a new file of the same, or add this one "
                    "as a new credential.",
                )
            return
        live = self.organization.credentials.live()
        self.existing = live.filter(kind=self.KIND, identifier=self.found.identifier).first()
        if self.existing is not None:
            if not self._can_replace():
                self.add_error(None, f"It is here already, as “{self.existing.name}”.")
            elif not self.cleaned_data.get("replace_existing"):
                self.add_error(
                    None,
                    f"It is here already, as “{self.existing.name}”. To replace what is stored, choose the file "
                    "again, tick the box below and save: shares and links stay.",
                )
            return
        typed = typed_name(self.cleaned_data.get("name"))
        if typed and live.filter(name__iexact=typed).exists():
            self.add_error("name", "Another credential of this organization has this name. Choose another.")
        self.cleaned_data["name"] = typed or free_name(self.organization, self.found.name)

    def _can_replace(self) -> bool:
        from credentials.kinds import KINDS

        return KINDS[self.KIND].can_replace

    def save(self, actor: Actor) -> Credential:
        """Raises DuplicateCredentialError where somebody else was faster."""
        found, old = self.found, self.replaces or self.existing
        if old is not None:
            old.replace_secret(actor, found.secret, found.facts, expires_at=found.expires_at)
            return old
        return store_found(actor, self.organization, self.KIND, found, name=self.cleaned_data["name"])
