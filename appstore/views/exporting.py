"""Exporting a working set: choose, say why, and get one zip. The door is that of a reveal."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from appstore.export_forms import ExportForm
from appstore.views.picking import uuids
from appstore.working_sets import opening
from appstore.working_sets.choosing import OFFERED, Chosen, Offer
from appstore.working_sets.fitting import misfits
from appstore.working_sets.shapes import make_zip
from credentials import reveal_tickets
from credentials.crypto import SealError
from credentials.kinds.exports import SETS
from credentials.models.reveal_errors import RevealRefusedError
from organizations.downloads import attachment
from organizations.fresh import fresh_authentication_required
from organizations.models import Organization
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@organization_page(Permission.ASSET_DOWNLOAD)
@sensitive_variables()
def export_page(request: AppRequest, organization: Organization) -> HttpResponseBase:
    """GET: what can be taken; its parameters tick some of it. POST: the zip, or the requests to a second owner."""
    offer, page = Offer(request.actor, organization), reverse("export", args=[organization.slug])
    if offer.can_reveal and (
        answer := fresh_authentication_required(
            request, organization, back_to=request.get_full_path() if request.method == "GET" else page
        )
    ):
        return answer
    sent = request.POST if request.method == "POST" else request.GET
    chosen = offer.chosen(*(uuids(sent.getlist(name)) for name in ("credential", "profile")))
    if request.method != "POST":
        initial = {name: sent[name] for name in ("shape", "reason") if name in sent}
        return _show(request, offer, ExportForm(initial=initial), chosen)
    if not reveal_tickets.take(request.session, organization.pk, request.POST.get("ticket", "")):
        messages.warning(request, "That was sent before, so nothing was opened again. Choose anew.")
        return redirect(page)
    form = ExportForm(request.POST, needs_reason=bool(chosen.secrets))
    if len(chosen) < len({*sent.getlist("credential"), *sent.getlist("profile")}):
        form.add_error(None, "Some of what was chosen cannot be taken here any more. Choose anew.")
    elif form.is_valid():
        for sentence in misfits(form.cleaned_data["shape"], chosen):
            form.add_error(None, sentence)
    if form.errors:
        return _show(request, offer, form, chosen)
    return _export(request, offer, form, chosen)


@sensitive_variables()
def _export(request: AppRequest, offer: Offer, form: ExportForm, chosen: Chosen) -> HttpResponse:
    organization, shape, reason = offer.organization, form.cleaned_data["shape"], form.cleaned_data["reason"]
    try:
        if chosen.secrets and organization.approval_is_needed:
            allowed = opening.approved(request.actor, organization, chosen, reason, shape)
            if len(allowed) < len(chosen.secrets):
                opening.ask(request.actor, organization, chosen, reason, shape)
                messages.success(
                    request,
                    "Asked. Another owner finds each of them under Approvals. When all are approved, come back here.",
                )
                return redirect("export", slug=organization.slug)
        opened = opening.open_set(request.actor, organization, chosen, reason, shape)
    except (RevealRefusedError, SealError) as error:
        form.add_error(None, str(error))
        return _show(request, offer, form, chosen)
    content = make_zip(organization, shape, opened, form.wishes())
    name = f"{slugify(organization.name) or 'export'}-{shape.removeprefix('set-')}.zip"
    return attachment(content, name=name, content_type="application/zip")


def _show(request: AppRequest, offer: Offer, form: ExportForm, chosen: Chosen) -> HttpResponse:
    mirrored = list(offer.mirrored().defer("profile_content", "contents")[:OFFERED])
    context = {
        "form": form,
        "shelves": offer.shelves(),
        "mirrored": mirrored,
        "ticked": {each.pk for each in (*chosen.secrets, *chosen.public, *chosen.mirrored)},
        "can_reveal": offer.can_reveal,
        "asked": [(SETS[each.shape], each) for each in opening.asked(request.actor, offer.organization)],
        "ticket": reveal_tickets.issue(request.session, offer.organization.pk),
    }
    return render(request, "appstore/export.html", context, status=400 if form.errors else 200)
