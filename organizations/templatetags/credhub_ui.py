"""Template tags that every page uses; loaded everywhere (settings.TEMPLATES builtins)."""

from datetime import datetime
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from organizations.listing import Listing

register = template.Library()


@register.simple_tag
def pill(tone: str, words: str) -> SafeString:
    """A status: words, and a shape by tone (good, warn, bad, info, neutral, busy)."""
    return format_html('<span class="pill is-{}">{}</span>', tone, words)


@register.filter
def ago(moment: datetime | None, empty: str = "Never") -> SafeString | str:
    """`3 minutes ago`, with the exact time on hover."""
    if moment is None:
        return empty
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        moment.isoformat(),
        f"{moment:%Y-%m-%d %H:%M:%S}",
        naturaltime(moment),
    )


@register.filter
def day(moment: datetime | None, empty: str = "—") -> SafeString | str:
    """`2027-03-01`, with the exact time on hover."""
    if moment is None:
        return empty
    return format_html(
        '<time datetime="{}" title="{} UTC" class="nowrap">{}</time>',
        moment.isoformat(),
        f"{moment:%Y-%m-%d %H:%M:%S}",
        f"{timezone.localtime(moment):%Y-%m-%d}",
    )


@register.filter
def in_words(facts: dict[str, Any]) -> str:
    """What an event recorded, for people: `shared with all: no · gained: Acme Games, Acme Travel`. What is empty,
    or none of something, goes without saying."""
    said = {name: _word(value) for name, value in facts.items()}
    return " · ".join(f"{name.replace('_', ' ')}: {word}" for name, word in said.items() if word)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {word}" for name, inner in value.items() if (word := _word(inner)))
    if isinstance(value, list):
        return ", ".join(_word(each) for each in value)
    return str(value or "")


@register.inclusion_tag("_sort_header.html", takes_context=True)
def sort_header(context: Any, listing: Listing, name: str, label: str) -> dict[str, Any]:
    """A column head that sorts; the sorted one says so to screen readers."""
    is_sorted = listing.sort.removeprefix("-") == name
    descending = is_sorted and listing.sort.startswith("-")
    params = context["request"].GET.copy()
    params["sort"] = name if descending or not is_sorted else f"-{name}"
    params.pop("page", None)
    return {
        "label": label,
        "address": "?" + params.urlencode(),
        "aria_sort": ("descending" if descending else "ascending") if is_sorted else "none",
    }


@register.filter
def has_error(field: Any) -> str:
    return " has-error" if field.errors else ""
