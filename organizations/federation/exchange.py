"""An identity token of a CI job for an API token. Whatever is wrong, the job is told the same; the log says more."""

import hashlib
import uuid
from datetime import timedelta

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from organizations import audit, tokens
from organizations.actors import Actor
from organizations.federation import assertion, claims
from organizations.federation.assertion import RefusedAssertionError
from organizations.models import ApiToken, TrustPolicy, UsedAssertion

LIFETIME = timedelta(minutes=15)
TOLD_EVERY = 60  # seconds: who tries again and again is one event a minute


class NotTrustedError(Exception):
    """No token. There is nothing to tell about why."""


def exchange(actor: Actor, policy_id: uuid.UUID, text: str) -> tuple[ApiToken, str]:
    """(row, text) of a token that ends in a quarter of an hour. `actor` is nobody, at an address.

    Raises NotTrustedError, KeysUnavailableError, AuditUnavailableError.
    """
    living = {"organization__archived_at": None, "organization__parent__archived_at": None}
    policies = TrustPolicy.objects.live().filter(pk=policy_id, **living)
    policy = policies.select_related("organization__parent", "created_by").first()
    if policy is None:
        raise NotTrustedError
    try:
        return _exchange(actor, policy, text)
    except RefusedAssertionError as error:
        _refuse(actor, policy, str(error))
        raise NotTrustedError from None


def _exchange(actor: Actor, policy: TrustPolicy, text: str) -> tuple[ApiToken, str]:
    if not policy.is_still_meant:
        raise RefusedAssertionError("who trusted this provider may do so no more")
    if not policy.may_come_from(actor.address):
        raise RefusedAssertionError("network")
    told = assertion.claims_of(text, issuer=policy.issuer, audience=policy.audience, key_set=policy.key_set)
    if wrong := claims.missing(policy.claims, told):
        raise RefusedAssertionError(f"the claim {wrong}")
    with transaction.atomic():
        if not UsedAssertion.is_first(assertion.digest_of(text, told), assertion.too_old_from(told)):
            raise RefusedAssertionError("used before")
        return _give(actor, policy, claims.for_the_log(policy.known_provider, policy.claims, told))


def _give(actor: Actor, policy: TrustPolicy, told: dict[str, str]) -> tuple[ApiToken, str]:
    """Its row is named in no event, so that it can be tidied away."""
    now = timezone.now()
    text = tokens.new_token()
    token = ApiToken.objects.create(
        organization=policy.organization,
        policy=policy,
        name=policy.name,
        digest=tokens.digest(text),
        last_four=text[-4:],
        created_by=policy.created_by,
        expires_at=now + LIFETIME,
        last_used_at=now,
        last_used_from=actor.address,
        **{column: getattr(policy, column) for column in policy.LIMITS},
    )
    TrustPolicy.objects.filter(pk=policy.pk).update(last_used_at=now)
    job = Actor(token=token, address=actor.address, request_id=actor.request_id)
    audit.record(job, audit.Action.PROVIDER_USED, policy, organization=policy.organization, claims=told)
    return token, text


def _refuse(actor: Actor, policy: TrustPolicy, reason: str) -> None:
    what = hashlib.sha256(f"{policy.pk} {actor.address} {reason}".encode()).hexdigest()
    if cache.add(f"provider-refused:{what}", True, timeout=TOLD_EVERY):
        audit.record(
            actor, audit.Action.PROVIDER_REFUSED, policy, organization=policy.organization, reason=reason
        )
