"""JSON:API resource objects, laid out as Apple lays them out."""

from dataclasses import dataclass
from typing import Any

from appstore.sandbox.catalog import Catalog, Relationship
from appstore.sandbox.model import Resource
from appstore.sandbox.query import MAX_RELATED, Query
from appstore.sandbox.view import View

Document = dict[str, Any]
# Apple sends these two numbers with every to-many relationship that was not asked for.
_NOT_INCLUDED = {"total": 0, "limit": 2147483647}


def linkage(resource: Resource) -> Document:
    return {"type": resource.type, "id": resource.id}


@dataclass(frozen=True)
class Renderer:
    """Writes resource objects for one request. `base` is scheme and host of every address in them."""

    base: str
    catalog: Catalog
    view: View
    query: Query

    def primary(self, resource: Resource) -> Document:
        """A resource that was asked for: its included relationships carry their data."""
        return self._resource(resource, self.query.include)

    def included(self, resource: Resource) -> Document:
        """A resource that came along: its relationships carry links only."""
        return self._resource(resource, [])

    def related(self, owner: Resource, name: str) -> list[Resource]:
        """What `include` brings along: the first 50, or fewer where asked, and no word about the rest."""
        return self._all_related(owner, name)[: self._limit(name)]

    def _all_related(self, owner: Resource, name: str) -> list[Resource]:
        return self.view.related(owner, name, self.catalog.types[owner.type].relationships[name])

    def _limit(self, name: str) -> int:
        return self.query.limits.get(name, MAX_RELATED)

    def _resource(self, resource: Resource, include: list[str]) -> Document:
        spec = self.catalog.types[resource.type]
        wanted = self.query.fields.get(resource.type, {*spec.attributes, *spec.relationships})
        document: Document = {
            **linkage(resource),
            "attributes": {
                name: resource.attributes[name]
                for name in spec.attributes
                if name in wanted and name in resource.attributes
            },
        }
        relationships = {
            name: self._relationship(resource, name, relationship, included=name in include)
            for name, relationship in spec.relationships.items()
            if name in wanted
        }
        if relationships:
            document["relationships"] = relationships
        return {**document, "links": {"self": f"{self.base}/v1/{resource.type}/{resource.id}"}}

    def _relationship(
        self, owner: Resource, name: str, relationship: Relationship, *, included: bool
    ) -> Document:
        address = f"{self.base}/v1/{owner.type}/{owner.id}"
        linkages = {"self": f"{address}/relationships/{name}"} if self.catalog.linkages else {}
        block: Document = {"links": {**linkages, "related": f"{address}/{name}"}}
        data = [linkage(each) for each in self.related(owner, name)] if included else []
        if relationship.many:
            block["meta"] = {"paging": _NOT_INCLUDED}
            if included:
                paging = {"total": len(self._all_related(owner, name)), "limit": self._limit(name)}
                block |= {"meta": {"paging": paging}, "data": data}
        elif data:
            block["data"] = data[0]
        return block
