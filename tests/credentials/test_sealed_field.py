"""The sealed field takes sealed values only, looks nothing up, and is stable in migrations."""

import io
from typing import Any

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.core.management import call_command
from django.db import models, transaction
from django.db.migrations.writer import MigrationWriter
from django.forms import modelform_factory
from django_cryptography.fields import EncryptedMixin

from credentials.fields import Sealed, SealedField
from credentials.models import Credential
from organizations.actors import SYSTEM
from tests.conftest import Cast
from tests.credentials.support import SECRET, ciphertext_of, opened, reloaded, store

PLAIN: dict[str, Any] = {
    "bytes": b"plain",
    "text": "plain",
    "bytearray": bytearray(b"plain"),
    "memoryview": memoryview(b"plain"),
    "number": 5,
    "list": ["plain"],
    "no bytes": b"",
    "no text": "",
    "a sealed value's own bytes": b"CH1" + bytes(100),
}
FIELD = Credential._meta.get_field("secret")


def test_the_field_stands_on_django_cryptography() -> None:
    assert isinstance(FIELD, EncryptedMixin)
    assert isinstance(FIELD, models.BinaryField)
    # and takes nothing of what that does with values and keys
    assert not hasattr(FIELD, "_fernet")


@pytest.mark.parametrize("plain", PLAIN.values(), ids=PLAIN)
def test_a_plain_value_is_refused_on_every_way_into_the_database(cast: Cast, plain: Any) -> None:
    credential = store(cast.root)
    before = ciphertext_of(credential)
    changed = reloaded(credential)
    changed.secret = plain
    unsaved = Credential(organization=cast.root, kind="test", name="n", identifier="i", secret=plain)
    rows = Credential.objects.filter(pk=credential.pk)
    ways = [
        changed.save,
        lambda: changed.save(update_fields=["secret"]),
        lambda: rows.update(secret=plain),
        lambda: Credential.objects.bulk_update([changed], ["secret"]),
        unsaved.save,
        lambda: Credential.objects.bulk_create([unsaved]),
        lambda: Credential.objects.bulk_create(
            [unsaved], update_conflicts=True, update_fields=["secret"], unique_fields=["id"]
        ),
        lambda: rows.update_or_create(pk=credential.pk, defaults={"secret": plain}),
        lambda: Credential.objects.create(
            organization=cast.root, kind="test", name="n", identifier="i", secret=plain
        ),
    ]

    for way in ways:
        with pytest.raises(TypeError, match=r"takes what Credential\.store seals"), transaction.atomic():
            way()
    assert ciphertext_of(credential) == before
    assert Credential.objects.count() == 1


def test_sealed_values_go_every_way_unchanged(cast: Cast) -> None:
    credential = store(cast.root)
    before, other = ciphertext_of(credential), Sealed(b"CH1 of somewhere else")

    reloaded(credential).save()
    reloaded(credential).save(update_fields=["secret"])
    Credential.objects.bulk_update([reloaded(credential)], ["secret", "name"])
    assert ciphertext_of(credential) == before
    assert opened(credential) == SECRET

    Credential.objects.filter(pk=credential.pk).update(secret=other)
    assert reloaded(credential).secret == other
    Credential.objects.bulk_create(
        [Credential(organization=cast.root, kind="test", name="n", identifier="i", secret=other)]
    )
    assert Credential.objects.get(name="n").secret == other
    Credential.objects.filter(name="n").update(secret=None)
    assert Credential.objects.get(name="n").secret is None


@pytest.mark.parametrize(
    "lookup",
    ["exact", "iexact", "contains", "icontains", "startswith", "endswith", "in", "gt", "lt", "gte", "lte",
     "range", "regex", "iregex"],
)  # fmt: skip
def test_no_lookup_but_isnull(cast: Cast, lookup: str) -> None:
    value = store(cast.root).secret
    for argument in (value, value.ciphertext, b"x", "x"):
        pair = [argument, argument]
        with pytest.raises(FieldError):
            Credential.objects.filter(
                **{f"secret__{lookup}": pair if lookup in {"in", "range"} else argument}
            )


def test_comparing_with_a_value_is_refused(cast: Cast) -> None:
    credential = store(cast.root)
    for value in (credential.secret, b"x", None):
        with pytest.raises(FieldError):
            Credential.objects.filter(secret=value)
        with pytest.raises(FieldError):
            Credential.objects.exclude(secret=value)


def test_isnull_is_allowed(cast: Cast) -> None:
    credential = store(cast.root)
    assert Credential.objects.filter(secret__isnull=False).get() == credential
    assert not Credential.objects.filter(secret__isnull=True).exists()


@pytest.mark.parametrize("lookup", ["secret__length", "secret__lower__contains", "secret__ciphertext"])
def test_no_transform(cast: Cast, lookup: str) -> None:
    with pytest.raises(FieldError):
        Credential.objects.filter(**{lookup: 1})


def test_deconstructing_names_the_field_and_what_it_was_made_with() -> None:
    assert SealedField(null=True).deconstruct() == (
        None,
        "credentials.fields.SealedField",
        [],
        {"null": True},
    )
    assert SealedField().deconstruct() == (None, "credentials.fields.SealedField", [], {})
    name, path, args, kwargs = FIELD.deconstruct()
    assert (name, path) == ("secret", "credentials.fields.SealedField")
    assert SealedField(*args, **kwargs).deconstruct()[1:] == (path, args, kwargs)


def test_a_clone_is_the_same_field_again_and_again() -> None:
    field: Any = FIELD
    for _ in range(3):
        field = field.clone()
        assert type(field) is SealedField
        assert (field.null, field.editable, field.supported_lookups) == (True, False, ("isnull",))
        assert field.deconstruct()[1:] == FIELD.deconstruct()[1:]


def test_a_migration_writes_the_field_by_its_own_name() -> None:
    written, imports = MigrationWriter.serialize(SealedField(null=True))
    assert written == "credentials.fields.SealedField(null=True)"
    assert imports == {"import credentials.fields"}


def test_migrations_are_complete(db: None) -> None:
    call_command("makemigrations", "credentials", check=True, dry_run=True, stdout=io.StringIO())


def test_the_field_passes_its_own_checks() -> None:
    assert FIELD.check() == []


def test_no_form_has_the_field_even_when_it_is_asked_for() -> None:
    form = modelform_factory(Credential, fields=["name", "shared_with_all"])
    assert "secret" not in form.base_fields
    with pytest.raises(FieldError, match="secret"):
        modelform_factory(Credential, fields=["name", "secret"])
    assert SealedField(editable=True).editable is False


def test_a_fixture_value_must_be_base64() -> None:
    assert FIELD.to_python("Q0gx") == Sealed(b"CH1")
    assert FIELD.to_python(None) is None
    for text in ("plain text!", "é", "Q0g"):
        with pytest.raises(ValidationError, match="base64"):
            FIELD.to_python(text)
    with pytest.raises(TypeError):
        FIELD.to_python(b"CH1")


def test_cleaning_an_instance_takes_a_sealed_value_and_no_other(cast: Cast) -> None:
    credential = store(cast.root)
    credential.full_clean()
    credential.secret = b"plain"
    with pytest.raises(TypeError):
        credential.full_clean()


def test_storing_without_a_secret_is_possible_by_hand_only_and_opens_nothing(cast: Cast) -> None:
    bare = Credential.objects.create(organization=cast.root, kind="test", name="n", identifier="i")
    with pytest.raises(Exception, match="holds no secret"):
        bare.reveal(SYSTEM, purpose="test")
