"""The sealed model field.

It stands on django-cryptography's EncryptedMixin and replaces what that does with values: nothing is pickled, no
key comes from SECRET_KEY, loading a row opens nothing (one corrupt value cannot break a list), and a fixture
holds the ciphertext. The instance's attribute is a `Sealed`; only `Credential.reveal` opens one.
"""

from base64 import b64decode, b64encode
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django_cryptography.fields import EncryptedMixin

M = TypeVar("M", bound=models.Model)


class Sealed:
    """A ciphertext. It shows nothing of itself: not in repr, str, JSON, templates or forms."""

    __slots__ = ("ciphertext",)

    def __init__(self, ciphertext: bytes) -> None:
        self.ciphertext = ciphertext

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and other.ciphertext == self.ciphertext

    def __hash__(self) -> int:
        return hash(self.ciphertext)


class SealedMixin(EncryptedMixin):  # type: ignore[misc]
    """Sits between EncryptedMixin and the field, as its `clone()` and `deconstruct()` expect of subclasses."""

    wasinstance = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = (
            False  # never in a form: a rendered value would come back and overwrite the secret
        )
        # EncryptedMixin's own __init__ makes a key from SECRET_KEY, which nothing here may ever use.
        super(EncryptedMixin, self).__init__(*args, **kwargs)

    @property
    def description(self) -> str:
        return "A value sealed with AES-256-GCM under its organization's data key"

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super(EncryptedMixin, self).deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, kwargs

    def clone(self) -> Any:
        _name, _path, args, kwargs = self.deconstruct()
        return type(self)(*args, **kwargs)

    def _dump(self, value: Any) -> bytes:
        if not isinstance(value, Sealed):
            raise TypeError("A sealed field takes what Credential.store seals, never a plain value.")
        return value.ciphertext

    def _load(self, value: bytes) -> Sealed:
        return Sealed(bytes(value))

    def to_python(self, value: Any) -> Sealed | None:
        if value is None or isinstance(value, Sealed):
            return value
        if isinstance(value, str):
            try:
                return Sealed(b64decode(value, validate=True))
            except ValueError:
                raise ValidationError("A sealed value in a fixture is base64.") from None
        raise TypeError("A sealed field takes what Credential.store seals, never a plain value.")

    def value_to_string(self, obj: models.Model) -> str | None:
        value = self.value_from_object(obj)
        return None if value is None else b64encode(self._dump(value)).decode("ascii")


def sealed_before(rows: "models.QuerySet[M]", column: str, version: int) -> "models.QuerySet[M]":
    """Of these rows those whose value is sealed under an older data key than this version, as the header of the
    ciphertext says (bytes 5 to 8, the highest first)."""
    header = models.Func(column, 5, 4, function="SUBSTR", output_field=models.BinaryField())
    sealed: Any = rows.exclude(**{f"{column}__isnull": True}).annotate(key_version=header)
    found: models.QuerySet[M] = sealed.filter(key_version__lt=version.to_bytes(4, "big"))
    return found


class SealedField(SealedMixin, models.BinaryField):  # type: ignore[misc,type-arg]
    """`secret = SealedField()`: bytes in the database, a `Sealed` on the instance."""
