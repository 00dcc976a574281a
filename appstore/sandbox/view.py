"""One team's objects as one key sees them: looked up, filtered and sorted."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from appstore.sandbox.catalog import Filter, Relationship
from appstore.sandbox.model import Collections, Resource
from appstore.sandbox.query import Query


@dataclass(frozen=True)
class View:
    collections: Collections
    sees: Callable[[Resource], bool]

    def get(self, collection: str, object_id: str) -> Resource | None:
        found = self.collections.get(collection, {}).get(object_id)
        return found if found is not None and self.sees(found) else None

    def select(self, collection: str, query: Query) -> list[Resource]:
        found = [each for each in self.collections.get(collection, {}).values() if self.sees(each)]
        for chosen, wanted in query.filters:
            found = [each for each in found if any(_matches(each, chosen, value) for value in wanted)]
        # Stable sorts, the least significant key first.
        for key in reversed(query.sort):
            found.sort(key=partial(_sortable, name=key.removeprefix("-")), reverse=key.startswith("-"))
        return found

    def related(self, owner: Resource, name: str, relationship: Relationship) -> list[Resource]:
        found = (self.get(relationship.target, each) for each in owner.relationships.get(name, []))
        return [each for each in found if each is not None]


def _matches(resource: Resource, chosen: Filter, wanted: str) -> bool:
    value = resource.id if chosen.attribute == "id" else resource.attributes.get(chosen.attribute)
    for each in value if isinstance(value, list) else [value]:
        actual, sought = str(each).casefold(), wanted.casefold()
        # Serial numbers come unpadded, but are found with a leading zero just as well.
        if chosen.attribute == "serialNumber":
            sought = sought.lstrip("0")
        if sought in actual if chosen.like else sought == actual:
            return True
    return False


def _sortable(resource: Resource, name: str) -> tuple[bool, str]:
    value = resource.id if name == "id" else resource.attributes.get(name)
    return value is not None, str(value)
