"""Trusted CI providers: which there are, a new one, and taking one away."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from organizations.federation.claims import ClaimsError
from organizations.federation.keys import KeySetError, KeysUnavailableError
from organizations.federation.providers import PROVIDERS
from organizations.fresh import fresh_authentication_required
from organizations.models import Organization, ScopeAboveOwnError, TrustPolicy
from organizations.pages import organization_page
from organizations.permissions import TOKEN_SCOPES, Permission
from organizations.requests import AppRequest
from organizations.token_forms import TrustPolicyForm


@require_safe
@organization_page(Permission.TOKEN_MANAGE)
def trusted_providers(request: AppRequest, organization: Organization) -> HttpResponse:
    reachable = TrustPolicy.objects.for_actor(request.actor, Permission.TOKEN_MANAGE).live()
    policies = reachable.filter(organization=organization).select_related("created_by")[:200]
    address = request.build_absolute_uri(reverse("api:exchange_identity_token"))
    context = {"policies": policies, "providers": PROVIDERS.values(), "address": address}
    return render(request, "organizations/trusted_providers.html", context)


@require_http_methods(["GET", "POST"])
@organization_page(Permission.TOKEN_MANAGE)
def trust_provider(request: AppRequest, organization: Organization, provider: str) -> HttpResponseBase:
    """A new policy; it takes fresh authentication, because it gives tokens away."""
    chosen = PROVIDERS.get(provider)
    if chosen is None:
        raise Http404
    scopes = [scope for scope in TOKEN_SCOPES if request.actor.can(scope, organization)]
    initial = {"audience": request.build_absolute_uri("/").rstrip("/")}
    form = TrustPolicyForm(request.POST or None, scopes=scopes, provider=chosen, initial=initial)
    if request.method == "POST":
        if answer := fresh_authentication_required(request, organization, back_to=request.path):
            return answer
        if form.is_valid() and (policy := _added(request, organization, form)):
            messages.success(request, f"Jobs of “{policy}” get API tokens from now on.")
            return redirect("trusted-providers", slug=organization.slug)
    context = {"form": form, "provider": chosen}
    return render(request, "organizations/trust_provider.html", context, status=400 if form.errors else 200)


def _added(request: AppRequest, organization: Organization, form: TrustPolicyForm) -> TrustPolicy | None:
    """None: the form says why not."""
    told = form.cleaned_data
    try:
        return TrustPolicy.add(
            request.actor,
            organization,
            provider=form.provider,
            issuer=told["issuer"].strip(),
            audience=told["audience"].strip(),
            asked=form.asked(),
            key_set=told["key_set"].strip(),
            **form.limits(),
        )
    except ScopeAboveOwnError as error:
        form.add_error("scopes", str(error))
    except KeySetError as error:
        form.add_error("key_set", str(error))
    except KeysUnavailableError as error:
        form.add_error("issuer", str(error))
    except ClaimsError as error:
        form.add_error(None, str(error))
    return None


@require_POST
@organization_page(Permission.TOKEN_MANAGE)
def remove_provider(request: AppRequest, organization: Organization, pk: str) -> HttpResponse:
    reachable = TrustPolicy.objects.for_actor(request.actor, Permission.TOKEN_MANAGE).live()
    policy = get_object_or_404(reachable.filter(organization=organization), pk=pk)
    policy.remove(request.actor)
    messages.success(request, f"“{policy}” is trusted no more, and the tokens of its jobs have ended.")
    return redirect("trusted-providers", slug=organization.slug)
