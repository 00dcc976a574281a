"""Trusted CI providers: whose jobs get an API token for a quarter of an hour, on their provider's word."""

import re
import uuid
from collections.abc import Sequence
from typing import Self
from urllib.parse import urlsplit

from django.db import models, transaction
from django.utils import timezone

from organizations import audit
from organizations.actors import Actor
from organizations.federation import claims, keys
from organizations.federation.claims import ClaimsError
from organizations.federation.providers import CIRCLECI, GENERIC, PROVIDERS, Provider
from organizations.models.organization import Organization
from organizations.models.token_limits import TokenLimits
from organizations.permissions import Permission
from organizations.querysets import TenantQuerySet


class TrustPolicyQuerySet(TenantQuerySet["TrustPolicy"]):
    def live(self) -> Self:
        return self.filter(removed_at=None)


class TrustPolicy(TokenLimits):
    GUARDED = (
        "organization_id", "provider", "issuer", "audience", "claim_words", "key_set", *TokenLimits.LIMITS,
        "created_by_id", "removed_at",
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="trust_policies")
    name = models.CharField(max_length=100)
    provider = models.CharField(max_length=20, editable=False)
    issuer = models.CharField(max_length=300, editable=False)
    audience = models.CharField(max_length=300, editable=False)
    claim_words = models.TextField(
        editable=False
    )  # JSON: as a text, so that the row's digest covers it as it stands
    key_set = models.TextField(blank=True, editable=False)  # the issuer's JWKS, where it cannot be asked
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        "organizations.User", null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    removed_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)

    objects = TrustPolicyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "trust policies"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def add(
        cls,
        actor: Actor,
        organization: Organization,
        *,
        name: str,
        provider: Provider,
        issuer: str,
        audience: str,
        asked: dict[str, str],
        scopes: Sequence[str],
        key_set: str = "",
        bundle_ids: Sequence[str] = (),
        networks: Sequence[str] = (),
    ) -> "TrustPolicy":
        """The issuer is asked for its keys, where none are given, so that a wrong address shows at once.

        Raises PermissionDenied, ScopeAboveOwnError, ClaimsError, KeySetError, KeysUnavailableError, and ValueError for
        what no form lets through.
        """
        limits = cls.limits(actor, organization, scopes, bundle_ids, networks)
        require_issuer(provider, issuer)
        found = claims.check(provider, asked)
        if not audience or len(audience) > 300:
            raise ValueError("A policy has an audience.")
        if key_set:
            keys.read(key_set)
        else:
            keys.fetch(issuer)
        with transaction.atomic():
            policy = cls.objects.create(
                organization=organization,
                name=name,
                provider=provider.slug,
                issuer=issuer,
                audience=audience,
                claim_words=claims.dump(found),
                key_set=key_set,
                created_by=actor.user,
                **limits,
            )
            audit.record(
                actor,
                audit.Action.PROVIDER_TRUSTED,
                policy,
                organization=organization,
                rows=[policy],
                provider=provider.label,
                issuer=issuer,
                claims=found,
                **policy.limit_facts(),
            )
        return policy

    def remove(self, actor: Actor) -> None:
        """No job gets a token by it any more, and those that jobs have end now."""
        with transaction.atomic():
            self.removed_at = timezone.now()
            self.save(update_fields=["removed_at"])
            for token in self.tokens.live():
                token.revoked_at = self.removed_at
                token.save(update_fields=["revoked_at"])
            audit.record(
                actor, audit.Action.PROVIDER_REMOVED, self, organization=self.organization, rows=[self]
            )

    @property
    def claims(self) -> dict[str, str]:
        return claims.load(self.claim_words)

    @property
    def known_provider(self) -> Provider:
        return PROVIDERS.get(self.provider, GENERIC)

    @property
    def is_still_meant(self) -> bool:
        """Whether who made it may still give tokens here."""
        maker = Actor(user=self.created_by)
        return self.is_genuine and maker.can(Permission.TOKEN_MANAGE, self.organization)


def require_issuer(provider: Provider, issuer: str) -> None:
    """Raises ClaimsError for what is no issuer of this provider."""
    parts = urlsplit(issuer)
    is_address = (
        parts.scheme in {"https", "http"} and parts.hostname and not parts.query and not parts.fragment
    )
    if not is_address or "@" in parts.netloc or len(issuer) > 300 or not issuer.isascii():
        raise ClaimsError("The issuer is an address such as https://gitlab.example.com.")
    if provider.issuer_is_fixed and issuer != provider.issuer:
        raise ClaimsError(f"The issuer of {provider.label} is {provider.issuer}.")
    if provider is CIRCLECI and not re.fullmatch(re.escape(CIRCLECI.issuer) + r"[A-Za-z0-9-]+", issuer):
        raise ClaimsError("The issuer of CircleCI ends in your organization's ID.")
