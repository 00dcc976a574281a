"""Webhooks of an organization: where they lead, what they are told, and how deliveries went."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organizations.fresh import fresh_authentication_required
from organizations.listing import Filter, Spec, listing
from organizations.models import DeliveryState, Organization, TooManyWebhooksError, Webhook, WebhookDelivery
from organizations.pages import organization_page
from organizations.permissions import Permission
from organizations.requests import AppRequest
from organizations.webhook_forms import WebhookForm
from organizations.webhooks import outbox
from organizations.webhooks.events import TEST, Event

SPEC = Spec(
    search=["event", "note"],
    sorts={"when": "created_at"},
    default_sort="-when",
    filters=[
        Filter("state", "State", DeliveryState.choices, lambda rows, value: rows.filter(state=value)),
        Filter("event", "Event", Event.choices, lambda rows, value: rows.filter(event=value)),
    ],
)


def _webhook(request: AppRequest, organization: Organization, pk: Any) -> Webhook:
    reachable = Webhook.objects.for_actor(request.actor, Permission.TOKEN_MANAGE)
    rows = reachable.filter(organization=organization).select_related("organization", "created_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
@organization_page(Permission.TOKEN_MANAGE)
def webhooks(request: AppRequest, organization: Organization) -> HttpResponse:
    reachable = Webhook.objects.for_actor(request.actor, Permission.TOKEN_MANAGE)
    rows = reachable.filter(organization=organization)
    return render(request, "organizations/webhooks/list.html", {"webhooks": rows})


@require_http_methods(["GET", "POST"])
@organization_page(Permission.TOKEN_MANAGE)
@sensitive_variables("secret")
def add_webhook(request: AppRequest, organization: Organization) -> HttpResponseBase:
    """POST: the signing secret is on this answer and nowhere else; it takes fresh authentication."""
    if request.method != "POST":
        return _form_page(request, WebhookForm())
    page = reverse("add-webhook", args=[organization.slug])
    if answer := fresh_authentication_required(request, organization, back_to=page):
        return answer
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form)
    try:
        webhook, secret = Webhook.add(request.actor, organization, **form.told())
    except TooManyWebhooksError as error:
        form.add_error(None, str(error))
        return _form_page(request, form)
    return render(request, "organizations/webhooks/secret.html", {"webhook": webhook, "secret": secret})


@require_http_methods(["GET", "POST"])
@organization_page(Permission.TOKEN_MANAGE)
def change_webhook(request: AppRequest, organization: Organization, pk: Any) -> HttpResponseBase:
    webhook = _webhook(request, organization, pk)
    if request.method != "POST":
        return _form_page(request, WebhookForm.of(webhook), webhook)
    page = reverse("change-webhook", args=[organization.slug, pk])
    if answer := fresh_authentication_required(request, organization, back_to=page):
        return answer
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, webhook)
    webhook.change(request.actor, **form.told())
    messages.success(request, "Saved. What waits goes to the new address, too.")
    return redirect("webhook", slug=organization.slug, pk=pk)


def _form_page(request: AppRequest, form: WebhookForm, webhook: Webhook | None = None) -> HttpResponse:
    context = {"form": form, "webhook": webhook}
    return render(request, "organizations/webhooks/form.html", context, status=400 if form.errors else 200)


@require_safe
@organization_page(Permission.TOKEN_MANAGE)
def webhook_page(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    webhook = _webhook(request, organization, pk)
    reachable = WebhookDelivery.objects.for_actor(request.actor, Permission.TOKEN_MANAGE)
    rows = listing(request, reachable.filter(webhook=webhook), SPEC)
    told = [Event(each).label for each in webhook.events if each in Event]
    context = {"webhook": webhook, "told": told, "listing": rows}
    return render(request, "organizations/webhooks/one.html", context)


@require_POST
@organization_page(Permission.TOKEN_MANAGE)
@sensitive_variables("secret")
def replace_secret(request: AppRequest, organization: Organization, pk: Any) -> HttpResponseBase:
    webhook = _webhook(request, organization, pk)
    page = reverse("webhook", args=[organization.slug, pk])
    if answer := fresh_authentication_required(request, organization, back_to=page):
        return answer
    secret = webhook.replace_secret(request.actor)
    context = {"webhook": webhook, "secret": secret, "is_new": False}
    return render(request, "organizations/webhooks/secret.html", context)


@require_POST
@organization_page(Permission.TOKEN_MANAGE)
def turn_webhook(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    webhook, on = _webhook(request, organization, pk), request.POST.get("on") == "yes"
    if webhook.is_on != on:
        webhook.turn(request.actor, on=on)
    said = (
        "It is on: what waits is delivered now."
        if on
        else "It is off: nothing is sent, and nothing new waits."
    )
    messages.success(request, said)
    return redirect("webhook", slug=organization.slug, pk=pk)


@require_http_methods(["GET", "POST"])
@organization_page(Permission.TOKEN_MANAGE)
def delete_webhook(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    webhook = _webhook(request, organization, pk)
    if request.method != "POST":
        return render(request, "organizations/webhooks/delete.html", {"webhook": webhook})
    webhook.remove(request.actor)
    messages.success(request, f"The webhook “{webhook}” is deleted.")
    return redirect("webhooks", slug=organization.slug)


@require_POST
@organization_page(Permission.TOKEN_MANAGE)
def test_webhook(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """A delivery like any other, so that it shows how those go."""
    webhook = _webhook(request, organization, pk)
    if webhook.is_on:
        subject = ("webhook", str(webhook.pk), webhook.name)
        happening = outbox.Happening(TEST, organization, subject, by=request.actor.label)
        outbox.send_to(webhook, happening)
        messages.success(request, "A test is on its way. Look again in some seconds how it went.")
    else:
        messages.error(request, "It is off. Turn it on first.")
    return redirect("webhook", slug=organization.slug, pk=pk)


@require_POST
@organization_page(Permission.TOKEN_MANAGE)
def deliver_again(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    reachable = WebhookDelivery.objects.for_actor(request.actor, Permission.TOKEN_MANAGE)
    rows = reachable.filter(webhook__organization=organization).select_related("webhook")
    delivery = get_object_or_404(rows, pk=pk)
    delivery.again()
    if delivery.webhook.is_on:
        messages.success(request, "It is sent again now, under the same id.")
    else:
        messages.warning(request, "It is sent again as soon as the webhook is turned on.")
    return redirect("webhook", slug=organization.slug, pk=delivery.webhook_id)
