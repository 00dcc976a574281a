"""Opens every kind of page that a person can reach by following links, forms' addresses and htmx requests."""

import re
from collections import Counter, deque
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.test import Client

_LINK = re.compile(r'(?:href|action|hx-get|hx-post)="([^"#]*)')
_ELSEWHERE = re.compile(r"^(?:[a-z]+:|//|/static/)|/logout/")
_ID = re.compile(r"/(?:[0-9a-f-]{36}|\d+)/")
OF_A_KIND = 2


def crawl(client: Client, *starts: str) -> dict[str, Any]:
    """Address → answer, of everything at or below the given addresses that links lead to and a GET opens.

    Of addresses that differ in an id only, the first two are opened. Of the links of a list to itself (sorting,
    filters, paging), one for each set of names in their query.
    """
    answers: dict[str, Any] = {}
    opened: Counter[Any] = Counter()
    todo = deque(starts)
    while todo:
        address = todo.popleft()
        parts = urlsplit(address)
        names = frozenset(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
        kind = (_ID.sub("/*/", parts.path), names)
        if address in answers or opened[kind] >= (1 if names else OF_A_KIND):
            continue
        if not parts.path.startswith(starts):
            continue
        opened[kind] += 1
        answer = answers[address] = client.get(address)
        links = [_absolute(link, parts.path) for link in [*_links(answer), answer.get("Location", "")]]
        todo.extend(link for link in links if not (names and "?" in link))
    return answers


def everything_of(answer: Any) -> bytes:
    """Body, headers and cookies."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return bytes(body) + str(answer.headers).encode() + answer.cookies.output().encode()


def _links(answer: Any) -> list[str]:
    if answer.streaming or not answer.get("Content-Type", "").startswith("text/html"):
        return []
    found = [link.replace("&amp;", "&") for link in _LINK.findall(answer.content.decode())]
    return [link for link in found if not _ELSEWHERE.search(link)]


def _absolute(link: str, path: str) -> str:
    if link.startswith("/"):
        return link
    return path + link if not link or link.startswith("?") else path.rsplit("/", 1)[0] + "/" + link
