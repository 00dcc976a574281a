"""Sign-in through the company's identity provider: OpenID Connect, authorization code with PKCE and a nonce.

django-allauth drives the redirect, the state and the exchange of the code. What it leaves open is closed here: the
ID token's signature, issuer, audience and nonce are always checked; nothing but the environment configures the
provider, so no row of the database can; requests go to the issuer's own host, and follow no redirect.
"""

import hashlib
import hmac
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
import structlog
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse

from organizations import group_roles, guesses

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
ENDPOINTS = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
CLOCKS_DIFFER = 30  # seconds
BACK_TO = "identity_provider_next"
log = structlog.get_logger(__name__)


def is_configured() -> bool:
    return bool(settings.OIDC_ISSUER)


def nonce_of(code_verifier: str) -> str:
    """The nonce follows from the PKCE verifier, which only this browser's session knows: a token that was made for
    another sign-in does not fit."""
    return hashlib.sha256(f"CredHub nonce {code_verifier}".encode()).hexdigest()


class RefusedError(OAuth2Error):  # type: ignore[misc]
    """What the provider sent is not taken. The text is for the log."""


class NotInvitedError(RefusedError):
    """The provider knows this person, and CredHub does not."""


class GuardedSession(requests.Session):
    """Talks to the issuer's host (and CREDHUB_OIDC_EXTRA_HOSTS) alone, not for ever, and follows nobody elsewhere."""

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        parts, issuer = urlsplit(str(url)), urlsplit(settings.OIDC_ISSUER)
        if parts.scheme != issuer.scheme or parts.netloc not in {issuer.netloc, *settings.OIDC_EXTRA_HOSTS}:
            raise RefusedError(f"{parts.netloc} is not the identity provider's host")
        answer = super().request(
            method, url, *args, **{**kwargs, "timeout": (5, 10), "allow_redirects": False}
        )
        if answer.is_redirect:
            raise RefusedError("The identity provider answered with a redirect")
        return answer


class IdentityProvider(OpenIDConnectProvider):  # type: ignore[misc]
    def get_pkce_params(self) -> dict[str, Any]:
        params: dict[str, Any] = generate_code_challenge()
        return {**params, "nonce": nonce_of(params["code_verifier"])}

    def get_oauth2_adapter(self, request: HttpRequest) -> "Conversation":
        return Conversation(request)

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Nothing from the address line: allauth would take scopes and parameters from there."""
        request.session[BACK_TO] = get_next_redirect_url(request) or ""
        return {"process": "login", "scope": settings.OIDC_SCOPES, "auth_params": {}}


class Conversation(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """One sign-in at the provider: where its addresses are, and what its ID token says."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, "oidc")

    def get_callback_url(self, request: HttpRequest, _app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("identity-provider-callback"))

    @property
    def openid_config(self) -> dict[str, Any]:
        if not hasattr(self, "_openid_config"):
            found = self._get(f"{settings.OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != settings.OIDC_ISSUER:
                raise RefusedError("The discovery document is of another issuer")
            if missing := ENDPOINTS - found.keys():
                raise RefusedError(f"The discovery document does not name {', '.join(sorted(missing))}")
            self._openid_config = found
        return self._openid_config

    def _get(self, address: str) -> dict[str, Any]:
        with GuardedSession() as session:
            answer = session.get(address)
            answer.raise_for_status()
            found = answer.json()
        if not isinstance(found, dict):
            raise RefusedError("The identity provider's answer cannot be read")
        return found

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: Any, pkce_code_verifier: str | None = None
    ) -> dict[str, Any]:
        self._nonce = nonce_of(pkce_code_verifier or "")
        data: dict[str, Any] = super().get_access_token_data(request, app, client, pkce_code_verifier)
        return data

    def complete_login(self, request: HttpRequest, _app: SocialApp, _token: Any, **kwargs: Any) -> None:
        """Ends in a response, past allauth's own accounts of providers: a row written there would be a way in."""
        claims = self._claims(str(kwargs["response"].get("id_token") or ""))
        user = group_roles.person_of(claims)
        if user is None:
            guesses.failed(request, "", method="identity provider")
            raise NotInvitedError("no account with this verified address, and no mapped group")
        back_to = request.session.pop(BACK_TO, "")
        if request.user.is_authenticated:
            logout(request)
        record_authentication(request, user, "identity provider")
        raise ImmediateHttpResponse(perform_login(request, Login(user=user, redirect_url=back_to or None)))

    def _claims(self, id_token: str) -> dict[str, Any]:
        try:
            kid = jwt.get_unverified_header(id_token).get("kid")
            keys = jwt.PyJWKSet.from_dict(self._get(self.openid_config["jwks_uri"])).keys
            key = next(each for each in keys if each.key_id == kid)
            claims = jwt.decode(
                id_token,
                key,
                algorithms=ALGORITHMS,
                audience=settings.OIDC_CLIENT_ID,
                issuer=settings.OIDC_ISSUER,
                leeway=CLOCKS_DIFFER,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
            )
        except (jwt.PyJWTError, StopIteration, KeyError, TypeError, ValueError) as error:
            raise RefusedError(f"The ID token does not hold: {type(error).__name__}") from None
        if not hmac.compare_digest(str(claims["nonce"]), self._nonce):
            raise RefusedError("The ID token was made for another sign-in")
        if claims.get("azp", settings.OIDC_CLIENT_ID) != settings.OIDC_CLIENT_ID:
            raise RefusedError("The ID token was made for another client")
        return dict(claims)


class IdentityProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """django-allauth's door to all of this (settings.SOCIALACCOUNT_ADAPTER)."""

    def list_apps(self, *_args: Any, **_kwargs: Any) -> list[SocialApp]:
        """From the environment, never from the database."""
        if not is_configured():
            return []
        return [
            SocialApp(
                provider="openid_connect",
                provider_id="oidc",
                name=settings.OIDC_NAME,
                client_id=settings.OIDC_CLIENT_ID,
                secret=settings.OIDC_CLIENT_SECRET,
                settings={"server_url": settings.OIDC_ISSUER},
            )
        ]

    def get_provider(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> IdentityProvider:
        return IdentityProvider(request, app=self.get_app(request, provider, client_id))

    def get_requests_session(self) -> requests.Session:
        return GuardedSession()

    def is_open_for_signup(self, *_args: Any) -> bool:
        return False

    def on_authentication_error(
        self,
        request: HttpRequest,
        _provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        """Back to the sign-in page, with what to do; what exactly was wrong is for the log."""
        why = str(exception) if isinstance(exception, RefusedError) else type(exception).__name__
        log.warning("identity_provider.refused", error=str(error), why=why)
        if isinstance(exception, NotInvitedError):
            said = "Your identity provider knows you, and nobody has invited you here yet. Ask an owner or admin."
        else:
            said = f"Signing in with {settings.OIDC_NAME} did not work. Try again, or ask an operator why."
        messages.error(request, said)
        raise ImmediateHttpResponse(redirect("account_login"))
