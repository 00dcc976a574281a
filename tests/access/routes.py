"""Every address that CredHub answers, read from the URL configuration itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    """`key` is the name with its namespace, or the pattern where there is no name."""

    key: str
    pattern: str


def walk(resolver: URLResolver, prefix: str = "", namespace: str = "") -> Iterator[Route]:
    for each in resolver.url_patterns:
        pattern = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield Route(f"{namespace}{each.name}" if each.name else pattern, pattern)
        else:
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from walk(each, pattern, inner)


def all_routes() -> list[Route]:
    return list(walk(get_resolver()))
