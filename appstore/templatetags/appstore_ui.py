"""How Apple's objects and runs look."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from appstore import identities
from appstore.changes.perform import steps_of
from appstore.collections import COLLECTIONS
from appstore.conditions import condition
from appstore.flaws import CAPABILITY_MISSING, CERTIFICATE_GONE, DEVICE_DISABLED
from appstore.models import App, AppStoreConnectKey, Certificate, ObjectChange, Profile, SyncRun
from appstore.models.app_store_connect_key import OUTCOMES
from appstore.models.apple_objects import AppleObject
from appstore.signing import users
from appstore.successors import successors
from appstore.words import apple_words
from credentials.models import Credential
from organizations.templatetags.credhub_ui import pill

register = template.Library()
register.filter(apple_words)

RUN_TONES = {
    "QUEUED": "busy", "RUNNING": "busy", "WAITING": "warn", "SUCCEEDED": "good",
    "FAILED": "bad", "DEAD": "bad", "CANCELLED": "neutral",
}  # fmt: skip


@register.simple_tag
def condition_pill(thing: AppleObject) -> SafeString:
    found = condition(thing)
    return pill(found.tone, found.words)


@register.simple_tag(takes_context=True)
def held_identities(context: dict[str, Any], certificates: Iterable[Certificate]) -> dict[str, Credential]:
    """The signing identities of these certificates that the page's organization has, by SHA-256. One query."""
    return identities.held(
        context["request"].actor, context["organization"], [each.sha256 for each in certificates]
    )


@register.simple_tag(takes_context=True)
def apps_with(
    context: dict[str, Any],
    profiles: Iterable[Profile],
    credential: Credential | None,
    identities: Iterable[Credential] = (),
) -> list[App]:
    """Each may be empty; `used_by` are the sub-organizations that the page names. Three queries at most."""
    here, subs = context["organization"], context.get("used_by", ())
    credentials = [*([credential] if credential else []), *(identities or ())]
    return users.apps_with(context["request"].actor, here, subs, profiles or (), credentials)


@register.simple_tag
def successors_of(things: Iterable[AppleObject]) -> dict[UUID, ObjectChange]:
    """What took the place of those that are gone, by id. One query, none where nothing is gone."""
    return successors(things)


@register.simple_tag
def order_ticket() -> SafeString:
    """In every form that orders a change at Apple: see appstore/views/changing/once.py."""
    return format_html('<input type="hidden" name="ticket" value="{}">', uuid4())


@register.filter
def of(found: dict[str, Any], key: str) -> Any:
    """What is found under the key, or None."""
    return found.get(key)


@register.filter
def breakable(identifier: str) -> SafeString:
    """A bundle ID whose lines break at its dots."""
    return format_html_join(format_html("{}<wbr>", "."), "{}", ((word,) for word in identifier.split(".")))


@register.simple_tag
def run_pill(run: SyncRun) -> SafeString:
    return pill(RUN_TONES[run.state], run.get_state_display())


@register.filter
def key_type(key: AppStoreConnectKey) -> str:
    return key.key_type_choice.label


@register.filter
def column_words(name: str) -> str:
    """`expiration_date` → `Expiration date`."""
    return {"udid": "UDID", "uuid": "UUID"}.get(name) or name.replace("_", " ").capitalize()


@register.filter
def collection_label(name: str) -> str:
    return COLLECTIONS[name].label if name in COLLECTIONS else name


@register.filter
def collection_slug(name: str) -> str:
    """Of its pages' addresses."""
    return "bundle-ids" if name == "bundleIds" else name


@register.filter
def flaw_words(flaw: str) -> str:
    """What is wrong, and what to do about it."""
    kind, _, detail = flaw.partition(":")
    return {
        CERTIFICATE_GONE: "It holds a certificate that is not at Apple any more: builds that it signs are refused. "
        "Make the profile anew with a certificate that is there.",
        DEVICE_DISABLED: "A device in it is disabled. Make the profile anew without it, or enable the device.",
        CAPABILITY_MISSING: f"Its App ID got the capability {apple_words(detail)} after it was made. Make it anew to "
        "use that.",
    }.get(kind, flaw)  # fmt: skip


@register.filter
def duration(run: SyncRun) -> str:
    """From its first start to its end: `1.4 s`, `3 min 20 s`."""
    if run.started_at is None or run.finished_at is None:
        return "—"
    seconds = (run.finished_at - run.started_at).total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


@register.filter
def run_result(run: SyncRun) -> str:
    """How it ended: a check's outcome, or `407 seen, 3 new, 1 changed, 0 gone`, and what the key may not read."""
    if run.error_message:
        return run.error_message
    if run.order:
        return f"{len(run.cursor.get('report', []))} of {len(steps_of(run))} steps done"
    if outcome := run.cursor.get("outcome"):
        return OUTCOMES[outcome][0].label
    told = run.cursor.get("refused", {})  # in any order: PostgreSQL keeps its own
    refused = ", ".join(each.label for name, each in COLLECTIONS.items() if name in told)
    if not run.counts:
        return f"not allowed: {refused}" if refused else "—"
    totals = {
        name: sum(count.get(name) or 0 for count in run.counts.values())
        for name in ("seen", "created", "changed", "gone")
    }
    text = "{seen} seen, {created} new, {changed} changed, {gone} gone".format(**totals)
    return f"{text}; not allowed: {refused}" if refused else text
