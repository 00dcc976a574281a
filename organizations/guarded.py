"""Rows that give access carry a keyed digest, so that one which was written past CredHub counts for nothing.

Whoever can write into the database can add a membership, a share or an invitation, or point an organization at
another root. They cannot make the digest that belongs to it. The code that grants access asks `is_genuine`.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar, Self, TypeVar

import structlog
from django.db import connection, models

from organizations import integrity

log = structlog.get_logger(__name__)
M = TypeVar("M", bound=models.Model)


class ForgedRowError(Exception):
    """A change was asked of a row that CredHub did not write."""


def word(value: Any) -> str:
    """A column's value, the same whichever database it comes from."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, uuid.UUID):
        return value.hex
    return "" if value is None else str(value)


class GuardedQuerySet(models.QuerySet[M]):
    """The bulk ways to write, for tables whose rows may be guarded."""

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """As Django's; guarded rows get their digests."""
        rows = list(objs)
        for row in rows:
            if isinstance(row, GuardedModel):
                row.vouch()
        return super().bulk_create(rows, *args, **kwargs)

    def update(self, **values: Any) -> int:
        """As Django's, but for columns that a digest covers: those are changed row by row, with `save`."""
        guarded = {name.removesuffix("_id") for name in getattr(self.model, "GUARDED", ())}
        if guarded & {name.removesuffix("_id") for name in values}:
            raise TypeError(f"{self.model._meta.label} rows are guarded: change them with save().")
        return super().update(**values)


class GuardedModel(models.Model):
    """`GUARDED` are the columns (attnames) that the digest covers, beside the id."""

    GUARDED: ClassVar[tuple[str, ...]]
    _loaded: dict[str, Any] | None = None  # the guarded columns as they were read

    guard = models.CharField(max_length=80, default="", editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ForgedRowError when it would give a digest to values that CredHub did not write."""
        fields = kwargs.get("update_fields")
        if self._state.adding:
            self.vouch()
        elif (touched := self._touched(fields)) and self._vouch_for_change(touched) and fields is not None:
            kwargs["update_fields"] = {*fields, "guard"}
        super().save(*args, **kwargs)
        self._remember()

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any
    ) -> Self:
        row = super().from_db(db, field_names, values, **kwargs)
        row._remember()  # noqa: SLF001 - a row of our own
        return row

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(*args, **kwargs)
        self._remember()

    @classmethod
    def guarded_columns(cls) -> tuple[str, ...]:
        """What `.values()` has to read for `is_genuine_row`."""
        return ("id", *cls.GUARDED, "guard")

    @classmethod
    def is_genuine_row(cls, values: dict[str, Any]) -> bool:
        """Whether CredHub wrote the row with these values."""
        if integrity.mac_fits(values["guard"], "row", *cls._words(values)):
            return True
        log.warning("row_not_written_by_credhub", model=cls._meta.label, row=str(values["id"]))
        return False

    @classmethod
    def genuine_rows(cls, rows: models.QuerySet[Any], *also: str) -> list[dict[str, Any]]:
        """The guarded columns of those of these rows that CredHub wrote; `also` others, which nothing vouches for."""
        found = rows.order_by().values(*cls.guarded_columns(), *also)
        return [row for row in found if cls.is_genuine_row(row)]

    @property
    def is_genuine(self) -> bool:
        return self.is_genuine_row({name: getattr(self, name) for name in self.guarded_columns()})

    def vouch(self) -> None:
        """Give a new row its digest, where `save` is not what writes it."""
        values = {name: getattr(self, name) for name in ("id", *self.GUARDED)}
        self.guard = integrity.mac("row", *self._words(values))

    @classmethod
    def _words(cls, values: dict[str, Any]) -> list[str]:
        return [cls._meta.label, *(f"{name}={word(values[name])}" for name in ("id", *cls.GUARDED))]

    def _remember(self) -> None:
        columns = (*self.GUARDED, "guard")
        known = self.__dict__
        self._loaded = (
            {name: known[name] for name in columns} if all(name in known for name in columns) else None
        )

    def _touched(self, fields: Collection[str] | None) -> set[str]:
        if fields is None:
            return set(self.GUARDED)
        return {name for name in self.GUARDED if name in fields or name.removesuffix("_id") in fields}

    def _vouch_for_change(self, touched: set[str]) -> bool:
        """Whether a column that the digest covers changes; if so, `guard` is the new digest.

        The other columns count as they are in the database by now: somebody else may have changed one since.
        """
        if self._loaded and all(word(getattr(self, name)) == word(self._loaded[name]) for name in touched):
            return False  # nobody vouches anew for what does not change
        before = self._stored()
        if before is None:  # it is gone: saving says so
            return False
        if not self.is_genuine_row({**before, "id": self.pk}):
            raise ForgedRowError(
                f"This {self._meta.verbose_name} was not written by CredHub. `manage.py verify_audit` tells more."
            )
        now = {name: getattr(self, name) if name in touched else before[name] for name in self.GUARDED}
        self.guard = integrity.mac("row", *self._words({**now, "id": self.pk}))
        return True

    def _stored(self) -> dict[str, Any] | None:
        manager = type(self)._base_manager  # noqa: SLF001 - every row, whatever its manager hides
        rows = manager.filter(pk=self.pk).order_by()
        if connection.in_atomic_block:
            rows = rows.select_for_update()
        return next(iter(rows.values(*self.GUARDED, "guard")), None)
