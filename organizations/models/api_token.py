"""API tokens: a machine's identity in one organization. Shown once; what is kept finds it and cannot make it."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from django.db import connection, models, transaction
from django.utils import timezone

from organizations import audit, tokens
from organizations.actors import Actor
from organizations.models.organization import Organization
from organizations.models.token_limits import TokenLimits
from organizations.querysets import TenantQuerySet
from organizations.revoking import revoke

DEFAULT_DAYS, MOST_DAYS = 90, 365
USED_EVERY = timedelta(minutes=1)  # how exactly the last use is kept
WARNED_DAYS = (14, 3)  # before its end
WARNED_WITHIN = timedelta(days=max(WARNED_DAYS))
# Digests of secrets that this process found right before: they are looked up in full at once
_met: dict[str, None] = {}
MOST_MET = 10_000


class ApiTokenQuerySet(TenantQuerySet["ApiToken"]):
    def live(self) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def made_by_people(self) -> Self:
        """Without those that CI jobs got for a quarter of an hour."""
        return self.filter(policy=None)

    def still_there(self, pk: str) -> "ApiToken | None":
        """The one that ordered something while it was valid, unless it was revoked since."""
        rows = self.filter(pk=pk, revoked_at=None).select_related("organization__parent", "created_by")
        found = rows.first()
        return found if found and found.is_genuine else None

    def with_old_secrets(self) -> Self:
        """`old_secret_until`: while one from before a rotation still works."""
        works = models.Q(earlier_secrets__ends_at__gt=timezone.now())
        return self.annotate(old_secret_until=models.Max("earlier_secrets__ends_at", filter=works))

    def ending(self) -> Self:
        return self.live().made_by_people().filter(expires_at__lte=timezone.now() + WARNED_WITHIN)


class ApiToken(TokenLimits):
    GUARDED = ("organization_id", "digest", *TokenLimits.LIMITS, "created_by_id", "expires_at", "revoked_at")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=80, unique=True, editable=False)
    last_four = models.CharField(max_length=4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        "organizations.User", null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, editable=False)
    # Whose CI job it was made for; it is over after a quarter of an hour
    policy = models.ForeignKey(
        "organizations.TrustPolicy",
        null=True,
        on_delete=models.PROTECT,
        related_name="tokens",
        editable=False,
    )
    warned_days = models.PositiveSmallIntegerField(
        null=True, editable=False
    )  # how long before its end, so far
    last_used_at = models.DateTimeField(null=True, editable=False)
    last_used_from = models.CharField(max_length=45, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def issue(
        cls,
        actor: Actor,
        organization: Organization,
        *,
        name: str,
        scopes: Sequence[str],
        expires_at: datetime | None = None,
        bundle_ids: Sequence[str] = (),
        networks: Sequence[str] = (),
    ) -> tuple["ApiToken", str]:
        """(row, text). The text is nowhere from now on but with the caller.

        Raises PermissionDenied, ScopeAboveOwnError, and ValueError for what no form lets through.
        """
        limits = cls.limits(actor, organization, scopes, bundle_ids, networks)
        now = timezone.now()
        ends = expires_at or now + timedelta(days=DEFAULT_DAYS)
        cls.require_end(ends, now)
        text = tokens.new_token()
        with transaction.atomic():
            token = cls.objects.create(
                organization=organization,
                name=name,
                digest=tokens.digest(text),
                last_four=text[-4:],
                **limits,
                created_by=actor.user,
                expires_at=ends,
                warned_days=cls.needless_warning(ends - now),
            )
            audit.record(
                actor,
                audit.Action.TOKEN_CREATED,
                token,
                organization=organization,
                rows=[token],
                expires_at=ends.isoformat(),
                **token.limit_facts(),
            )
        return token, text

    @staticmethod
    def require_end(ends: datetime, now: datetime) -> None:
        if not now < ends <= now + timedelta(days=MOST_DAYS):
            raise ValueError("A token ends within a year.")

    @staticmethod
    def needless_warning(lifetime: timedelta) -> int | None:
        """Nobody is told that what they made for a week ends within two."""
        return min((days for days in WARNED_DAYS if lifetime <= timedelta(days=days)), default=None)

    def revoke(self, actor: Actor) -> None:
        revoke(actor, self, audit.Action.TOKEN_REVOKED)

    @classmethod
    def of_text(cls, text: str, address: str) -> "ApiToken | None":
        """The token with this text, if it may be used now and from this address. No query for nonsense, and a small
        one for what no token ever had: wrong ones may come in floods, and right ones wait behind them."""
        if not tokens.is_token(text):
            return None
        digests = tokens.digests(text)
        if digests[0] not in _met and not cls._is_known(digests):
            return None
        living = {"organization__archived_at": None, "organization__parent__archived_at": None}
        rows = cls.objects.live().filter(**living).select_related("organization__parent", "created_by")
        found = rows.filter(digest__in=digests).first() or cls._of_earlier_secret(rows, digests)
        if not (found and found.is_genuine and found.may_come_from(address)):
            return None
        if len(_met) >= MOST_MET:
            _met.clear()
        _met[digests[0]] = None
        return found

    @classmethod
    def _is_known(cls, digests: list[str]) -> bool:
        """Whether some token, valid or not, has or had this secret. One query by indexes alone."""
        from organizations.models.earlier_secret import EarlierSecret

        tables = [model._meta.db_table for model in (cls, EarlierSecret)]
        places = ", ".join(["%s"] * len(digests))
        # By hand: Django takes ten times as long to write this query as a database to answer it.
        each = [f'SELECT 1 FROM "{table}" WHERE digest IN ({places})' for table in tables]  # noqa: S608 - our tables
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(each), digests * len(tables))
            return cursor.fetchone() is not None

    @classmethod
    def _of_earlier_secret(cls, rows: models.QuerySet["ApiToken"], digests: list[str]) -> "ApiToken | None":
        """The token that had this secret before it was rotated, while that still works."""
        from organizations.models.earlier_secret import EarlierSecret

        earlier = EarlierSecret.objects.filter(digest__in=digests, ends_at__gt=timezone.now()).first()
        return rows.filter(pk=earlier.token_id).first() if earlier and earlier.is_genuine else None

    @property
    def counted_as(self) -> str:
        """Under which name its requests are counted: what one provider's jobs do counts together."""
        return str(self.policy_id or self.pk)

    @property
    def ends_soon(self) -> bool:
        return self.is_live and self.expires_at <= timezone.now() + WARNED_WITHIN

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    def note_use(self, actor: Actor) -> None:
        """When and from where it was used last, to the minute. A day's first use, and one from another address, is an
        event. Raises AuditUnavailableError."""
        now, before = timezone.now(), self.last_used_at
        is_elsewhere = self.last_used_from != actor.address
        if before is not None and now - before < USED_EVERY and not is_elsewhere:
            return  # a busy pipeline is not a busy table
        with transaction.atomic():
            type(self).objects.filter(pk=self.pk).update(last_used_at=now, last_used_from=actor.address)
            if before is None or before.date() != now.date() or is_elsewhere:
                audit.record(actor, audit.Action.TOKEN_USED, self, organization=self.organization)
