"""Every address of CredHub, by prefix."""

from allauth.mfa.totp.views import activate_totp
from allauth.mfa.webauthn.views import add_webauthn
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from appstore.urls import invited_device_urls
from credhub import health
from credhub.api import api, gitlab
from credhub.api_docs import api_docs
from organizations.fresh import signed_in_lately


def closed(_request: HttpRequest) -> HttpResponse:
    """allauth pages that CredHub does without: accounts come by invitation, and an address is an identity."""
    raise Http404


urlpatterns = [
    re_path(r"^accounts/(?:signup|email|confirm-email)/.*$", closed),
    path("accounts/", RedirectView.as_view(pattern_name="mfa_index")),  # allauth would lead to a closed page
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/webauthn/", RedirectView.as_view(pattern_name="mfa_index")),  # they are listed there
    path("accounts/2fa/totp/activate/", signed_in_lately(activate_totp)),
    path("accounts/2fa/webauthn/add/", signed_in_lately(add_webauthn)),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/docs", api_docs, name="api-docs"),
    path("api/v1/", api.urls),
    path("api/v4/", gitlab.urls),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("", include("organizations.urls")),
    path("devices/", include(invited_device_urls)),
    path("o/<slug:slug>/", include("appstore.urls")),  # first: it has its own page for adding an Apple key
    path("o/<slug:slug>/", include("credentials.urls")),
]
handler400 = "organizations.views.errors.bad_request"
handler403 = "organizations.views.errors.permission_denied"
handler404 = "organizations.views.errors.page_not_found"
handler500 = "organizations.views.errors.server_error"
handler429 = "organizations.views.errors.too_many_requests"  # allauth's: Django has none
