"""Certificates: made, renewed, revoked."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from appstore import identities
from appstore.access import owned_object
from appstore.change_forms import CERTIFICATE_TYPES, CreateCertificateForm, KeyForm
from appstore.changes.plans import followers, holders, renewal, used_by
from appstore.models import Certificate
from appstore.slots import certificate_slots
from appstore.views.changing.common import confirmed, keys_for, ordered, shown
from appstore.views.changing.once import ordering_page
from appstore.words import apple_words
from organizations.models import Organization
from organizations.requests import AppRequest


class RenewForm(KeyForm):
    revoke = forms.BooleanField(
        label="Revoke the old certificate when everything else is done",
        required=False,
        help_text="Without it both are good until the old one expires: the safer way.",
    )


@ordering_page()
def create_certificate(request: AppRequest, organization: Organization) -> HttpResponse:
    form = CreateCertificateForm(request.POST or None, keys=keys_for(request, organization))
    if request.method == "POST" and form.is_valid():
        title = f"New certificate, {apple_words(form.cleaned_data['certificate_type'])}"
        return ordered(request, organization, form.chosen, title, form.steps())
    context = {"form": form, "slots": certificate_slots(form.teams), "many_teams": len(form.teams) > 1}
    return render(request, "appstore/create_certificate.html", context, status=400 if form.errors else 200)


@ordering_page()
def renew_certificate(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    """The existing one, what takes its place, and the profiles that are made anew."""
    thing = owned_object(request, organization, Certificate, pk)
    form = RenewForm(request.POST or None, keys=keys_for(request, organization, thing.team))
    can, cannot = followers(holders(thing))
    is_makeable = thing.certificate_type in CERTIFICATE_TYPES
    if request.method == "POST" and is_makeable and form.is_valid():
        steps = renewal(thing, can, revoke=form.cleaned_data["revoke"])
        return ordered(request, organization, form.chosen, f"Renewal of {thing}", steps)
    return shown(
        request,
        "renew_certificate",
        thing,
        form,
        profiles=can,
        left_behind=cannot,
        is_makeable=is_makeable,
        slots=certificate_slots([thing.team]),
    )


@ordering_page()
def revoke_certificate(request: AppRequest, organization: Organization, pk: Any) -> HttpResponse:
    thing = owned_object(request, organization, Certificate, pk)
    identity = identities.held(request.actor, organization, [thing.sha256]).get(thing.sha256)
    return confirmed(
        request,
        organization,
        "revoke_certificate",
        thing,
        f"Revocation of {thing}",
        {"do": "revoke-certificate", "certificate": thing.apple_id, "name": thing.name},
        profiles=holders(thing),
        identity=identity,
        used_by=used_by(thing.team, identity),
    )
