"""Usage: which credentials are pulled, by whom and from where, and which ones nobody needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from credentials import usage
from credentials.access import visible_credential
from credentials.forms import UsagePeriodForm
from credentials.models import Credential
from organizations import audit
from organizations.csv_files import csv_file
from organizations.listing import MAX_WORDS, PAGE_SIZE, Filter, Listing, Spec, listing, search_text
from organizations.models import AuditEvent, Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest

SORTS = {
    "name": lambda row: row.credential.name.lower(),
    "last": lambda row: row.tally.last.timestamp() if row.tally.last else 0,
    "month": lambda row: row.tally.month,
    "quarter": lambda row: row.tally.quarter,
}
# The filter is applied to what the log says, which is no column of the list.
UNUSED = Filter("show", "Show", [("unused", "Not used for 90 days")], lambda rows, _value: rows)
SPEC = Spec(search=["name", "identifier"], sorts=SORTS, default_sort="-last", filters=[UNUSED])
PULLS_SPEC = Spec(search=["actor_label", "address"], sorts={"when": "created_at"}, default_sort="-when")
HEAD = ("When (UTC)", "Organization", "What", "Of", "Kind", "Who", "From", "Form", "Reason", "Bundle ID",
        "Distribution")  # fmt: skip


@dataclass
class Row:
    credential: Credential
    tally: usage.Tally

    @property
    def is_unused(self) -> bool:
        return usage.is_unused(self.credential, self.tally)


@require_safe
@organization_page(Permission.ACTIVITY_VIEW)
def usage_page(request: AppRequest, organization: Organization) -> HttpResponse:
    """Every credential of the list with its pulls, and what was pulled for which app."""
    events = usage.pulls(request.actor, organization)
    rows, unused = _listing(request, organization, events)
    usage.tell_who(events, {str(row.credential.pk): row.tally for row in rows.page})
    today = timezone.now().date()
    context = {
        "listing": rows,
        "unused": unused,
        "apps": usage.by_app(events),
        "form": UsagePeriodForm(initial={"first": today - timedelta(days=89), "last": today}),
    }
    return render(request, "credentials/usage.html", context)


def _listing(request: AppRequest, organization: Organization, events: Any) -> tuple[Listing, int]:
    """As organizations.listing.listing, over rows that stand in two tables; and how many are unused."""
    credentials = Credential.objects.for_actor(request.actor, Permission.CREDENTIAL_VIEW)
    shown = credentials.visible_in(organization).live().without_secret()
    query, sort = search_text(request.GET.get("q", "")), request.GET.get("sort", "")
    told = usage.tallies(events)
    rows = [Row(each, told.get(str(each.pk)) or usage.Tally()) for each in shown.order_by("pk")]
    unused = sum(row.is_unused for row in rows)
    for word in query.casefold().split()[:MAX_WORDS]:
        rows = [
            row for row in rows if word in f"{row.credential.name} {row.credential.identifier}".casefold()
        ]
    selected = {"show": "unused"} if request.GET.get("show") == "unused" else {}
    if selected:
        rows = [row for row in rows if row.is_unused]
    if sort.removeprefix("-") not in SORTS:
        sort = SPEC.default_sort
    rows.sort(key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return Listing(page, SPEC, query, sort, selected), unused


@require_safe
@organization_page(Permission.ACTIVITY_VIEW)
def credential_usage(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """One credential: every pull."""
    credential = visible_credential(request, organization, pk)
    events = usage.pulls(request.actor, organization).filter(subject_id=str(credential.pk))
    tally = usage.tallies(events).get(str(credential.pk)) or usage.Tally()
    usage.tell_who(events, {str(credential.pk): tally})
    rows = listing(request, events.select_related("organization"), PULLS_SPEC)
    context = {"credential": credential, "tally": tally, "listing": rows, "row": Row(credential, tally)}
    context["page_path"] = credential.page_path(organization)
    return render(request, "credentials/usage_of.html", context)


@require_safe
@organization_page(Permission.ACTIVITY_VIEW)
def usage_file(request: AppRequest, organization: Organization) -> HttpResponseBase:
    """The pulls of a period as CSV. It holds people's names and addresses, so that it was taken is on record."""
    form = UsagePeriodForm(request.GET)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("usage", slug=organization.slug)
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    events = usage.within(usage.pulls(request.actor, organization), first, last)
    audit.record(
        request.actor,
        audit.Action.USAGE_EXPORTED,
        organization,
        organization=organization,
        what=f"{first} to {last}",
    )
    name = f"usage-{organization.slug}-{first}-{last}.csv"
    return csv_file(name, HEAD, _cells(events.select_related("organization")))


def _cells(events: Any) -> Iterator[tuple[Any, ...]]:
    event: AuditEvent
    for event in events.iterator(chunk_size=2000):
        facts = event.facts
        where = facts.get("sub_organization") or event.organization
        yield (
            f"{event.created_at:%Y-%m-%d %H:%M:%S}", where, event.sentence, event.subject_label,
            facts.get("kind"), event.actor_label, event.address, facts.get("what"), facts.get("purpose"),
            facts.get("bundle_id"), facts.get("distribution"),
        )  # fmt: skip
