"""JSON:API documents: pages with their links and counts, single objects, linkages, and what was included."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from appstore.sandbox.model import Resource
from appstore.sandbox.query import cursor_for
from appstore.sandbox.rendering import Document, Renderer, linkage


@dataclass(frozen=True)
class Documents:
    """Writes the document that answers one request, whose address is `path` and `raw_query`."""

    path: str
    raw_query: str
    render: Renderer

    def collection(self, resources: list[Resource]) -> Document:
        page = self._page(resources)
        data = [self.render.primary(each) for each in page]
        return {"data": data, **self._paged(len(resources)), **self._included(page)}

    def instance(self, resource: Resource) -> Document:
        links = {"self": self._self()}
        return {"data": self.render.primary(resource), "links": links, **self._included([resource])}

    def linkages(self, resources: list[Resource]) -> Document:
        return {"data": [linkage(each) for each in self._page(resources)], **self._paged(len(resources))}

    def linkage(self, resource: Resource) -> Document:
        related = self.path.replace("/relationships/", "/")
        links = {"self": self._self(), "related": f"{self.render.base}{related}"}
        return {"data": linkage(resource), "links": links}

    def _page(self, resources: list[Resource]) -> list[Resource]:
        query = self.render.query
        return resources[query.offset : query.offset + query.limit]

    def _paged(self, total: int) -> Document:
        query = self.render.query
        links = {"self": self._self()}
        if query.offset + query.limit < total:
            links["next"] = self._page_at(query.offset + query.limit)
        return {"links": links, "meta": {"paging": {"total": total, "limit": query.limit}}}

    def _self(self) -> str:
        return f"{self.render.base}{self.path}" + (f"?{self.raw_query}" if self.raw_query else "")

    def _page_at(self, offset: int) -> str:
        """The address of another page: every parameter of this one again, so that none needs repeating."""
        pairs = dict(parse_qsl(self.raw_query, keep_blank_values=True))
        pairs |= {"cursor": cursor_for(offset), "limit": str(self.render.query.limit)}
        return f"{self.render.base}{self.path}?{urlencode(pairs)}"

    def _included(self, resources: Iterable[Resource]) -> Document:
        include = self.render.query.include
        if not include:
            return {}
        found = {
            (each.type, each.id): each
            for owner in resources
            for name in include
            for each in self.render.related(owner, name)
        }
        return {"included": [self.render.included(each) for each in found.values()]}
