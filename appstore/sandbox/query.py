"""Query parameters, accepted and refused as the API does it."""

import base64
import binascii
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qsl

from appstore.sandbox.catalog import Catalog, Filter, ResourceType
from appstore.sandbox.errors import (
    duplicate_parameter,
    illegal_parameter,
    invalid_cursor,
    invalid_parameter,
)

DEFAULT_LIMIT, MAX_LIMIT, MAX_RELATED = 20, 200, 50
_PARAMETER = re.compile(r"(\w+)(?:\[([\w.]+)\])?")


class Shape(Enum):
    """The kinds of answers, each with the parameters that it takes ("[]" stands for a name in brackets)."""

    COLLECTION = ("filter[]", "sort", "fields[]", "include", "limit", "limit[]", "cursor")
    INSTANCE = ("fields[]", "include", "limit[]")
    RELATED = ("fields[]", "limit", "cursor")
    RELATED_ONE = ("fields[]",)
    LINKAGE = ("limit", "cursor")
    LINKAGE_ONE = ()


@dataclass
class Query:
    filters: list[tuple[Filter, list[str]]] = field(default_factory=list)
    sort: list[str] = field(default_factory=list)
    fields: dict[str, set[str]] = field(default_factory=dict)
    include: list[str] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)
    limit: int = DEFAULT_LIMIT
    offset: int = 0


def cursor_for(offset: int) -> str:
    return base64.b64encode(json.dumps({"offset": str(offset)}, separators=(",", ":")).encode()).decode()


def parse(raw: str, catalog: Catalog, resource: ResourceType, shape: Shape, *, pages: bool = True) -> Query:
    """Read a raw query string; ApiError (400) for what this answer does not take.

    `resource` is the type of the objects in the answer; `pages` is False where the live API refuses `limit`.
    """
    reader = _Reader(catalog, resource, shape, pages)
    pairs = parse_qsl(raw, keep_blank_values=True)
    counts = Counter(name for name, _ in pairs)
    for name, count in counts.items():
        if count > 1:
            raise duplicate_parameter(name)
    for name, value in pairs:
        reader.read(name, value)
    return reader.query


class _Reader:
    """Reads one parameter after the other into a Query."""

    def __init__(self, catalog: Catalog, resource: ResourceType, shape: Shape, pages: bool) -> None:
        self.query = Query()
        self._catalog, self._resource, self._shape, self._pages = catalog, resource, shape, pages

    def read(self, name: str, value: str) -> None:
        match = _PARAMETER.fullmatch(name)
        if match is None:
            raise illegal_parameter(name)
        family, member = match.group(1), match.group(2) or ""
        if (f"{family}[]" if member else family) not in self._shape.value:
            raise illegal_parameter(name)
        readers = {
            "filter": self._filter,
            "sort": self._sort,
            "fields": self._fields,
            "include": self._include,
            "limit": self._related_limit if member else self._limit,
            "cursor": self._cursor,
        }
        readers[family](name, member, value)

    def _filter(self, name: str, member: str, value: str) -> None:
        chosen = self._resource.filters.get(member)
        if chosen is None:
            raise illegal_parameter(name)
        wanted = value.split(",")
        for each in wanted:
            if chosen.values and each not in chosen.values:
                expected = ", ".join(chosen.values)
                raise invalid_parameter(
                    name, f"'{each}' is not a valid filter value. Expected one of: {expected}"
                )
        self.query.filters.append((chosen, wanted))

    def _sort(self, name: str, _: str, value: str) -> None:
        for each in value.split(","):
            if each.removeprefix("-") not in self._resource.sorts:
                raise invalid_parameter(name, f"'{each}' is not a valid sort field")
            self.query.sort.append(each)

    def _fields(self, name: str, member: str, value: str) -> None:
        reachable = {self._resource.name}
        if "include" in self._shape.value:
            reachable |= {each.target for each in self._resource.relationships.values()}
        if member not in reachable:
            raise illegal_parameter(name)
        owner = self._catalog.types[member]
        names = {each for each in value.split(",") if each}
        for each in names:
            if each not in owner.attributes and each not in owner.relationships:
                raise invalid_parameter(name, f"'{each}' is not a valid field name")
        self.query.fields[member] = names

    def _include(self, name: str, _: str, value: str) -> None:
        for each in value.split(","):
            if each not in self._resource.relationships:
                raise invalid_parameter(name, f"'{each}' is not a valid relationship name")
            self.query.include.append(each)

    def _limit(self, name: str, _: str, value: str) -> None:
        if not self._pages:
            raise illegal_parameter(name)
        self.query.limit = _number(name, value, MAX_LIMIT)

    def _related_limit(self, name: str, member: str, value: str) -> None:
        relationship = self._resource.relationships.get(member)
        if relationship is None or not relationship.many:
            raise illegal_parameter(name)
        self.query.limits[member] = _number(name, value, MAX_RELATED)

    def _cursor(self, _: str, __: str, value: str) -> None:
        try:
            offset = json.loads(base64.b64decode(value, validate=True))["offset"]
        except (binascii.Error, ValueError, TypeError, KeyError):
            offset = None
        if not isinstance(offset, str) or not re.fullmatch(r"[0-9]{1,9}", offset):
            raise invalid_cursor(value)
        self.query.offset = int(offset)


def _number(name: str, value: str, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", value) or not 1 <= int(value) <= most:
        raise invalid_parameter(name, f"'{value}' is not a valid limit. It must be between 1 and {most}")
    return int(value)
