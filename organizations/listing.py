"""Lists: search, filters, sorting and paging from the address line, the same way on every page.

Everything in the address is matched against what the page declares; nothing of it reaches the ORM as a name.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50
MAX_WORDS = 5


@dataclass(frozen=True)
class Filter:
    """One select of the toolbar. `apply` narrows the queryset to a value of `choices`."""

    name: str
    label: str
    choices: Sequence[tuple[str, str]]
    apply: Callable[[Any, str], Any]


@dataclass(frozen=True)
class Spec:
    """What a list offers. A sort is a field or a database expression; `-name` in the address turns it round. `first`:
    what comes before it, whichever is chosen."""

    search: Sequence[str]
    sorts: Mapping[str, Any]
    default_sort: str
    filters: Sequence[Filter] = ()
    first: Sequence[str] = ()


@dataclass
class Listing:
    """What the templates `_toolbar.html`, `_pagination.html` and `{% sort_header %}` work on."""

    page: Page[Any]
    spec: Spec
    query: str
    sort: str
    selected: dict[str, str] = field(default_factory=dict)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.selected)

    @property
    def total(self) -> int:
        return self.page.paginator.count

    def filters(self) -> list[tuple[Filter, str]]:
        return [(each, self.selected.get(each.name, "")) for each in self.spec.filters]


def search_text(text: str) -> str:
    """What is looked for: short enough for any database."""
    return text.replace("\x00", "").strip()[:100]


def listing(request: HttpRequest, queryset: QuerySet[Any] | Any, spec: Spec) -> Listing:
    """Narrow, sort and page a queryset, or what can be filtered, ordered, counted and cut like one. Two queries: the
    count and the page."""
    query = search_text(request.GET.get("q", ""))
    for word in query.split()[:MAX_WORDS]:
        matches = Q()
        for name in spec.search:
            matches |= Q(**{f"{name}__icontains": word})
        queryset = queryset.filter(matches)
    selected = {}
    for each in spec.filters:
        value = request.GET.get(each.name, "")
        if value in {choice for choice, _label in each.choices}:
            queryset, selected[each.name] = each.apply(queryset, value), value
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") not in spec.sorts:
        sort = spec.default_sort
    key = spec.sorts[sort.removeprefix("-")]
    key = F(key) if isinstance(key, str) else key
    order = key.desc(nulls_last=True) if sort.startswith("-") else key.asc(nulls_last=True)
    paginator = Paginator(queryset.order_by(*spec.first, order, "pk"), PAGE_SIZE)
    return Listing(paginator.get_page(request.GET.get("page")), spec, query, sort, selected)
