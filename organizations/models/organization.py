"""Organizations: roots, and the sub-organizations of one root. Two levels, no more."""

import uuid
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from organizations import audit
from organizations.actors import Actor
from organizations.guarded import GuardedModel
from organizations.permissions import Permission, Role
from organizations.querysets import TenantQuerySet
from organizations.words import typed_name

if TYPE_CHECKING:
    from organizations.models.membership import Membership

RESERVED_SLUGS = {"new"}


class SecondFactorMissingError(Exception):
    """Nobody requires of others what they do not have."""

    def __init__(self) -> None:
        super().__init__("Set up a second factor for your own account first.")


def _required(value: bool) -> str:
    return "required" if value else "not required"


class OrganizationQuerySet(TenantQuerySet["Organization"]):
    tenant_path = "pk"

    def live(self) -> "OrganizationQuerySet":
        return self.filter(archived_at=None)

    def roots(self) -> "OrganizationQuerySet":
        return self.filter(parent=None)

    def family_order(self) -> "OrganizationQuerySet":
        """Each root followed by its sub-organizations, by name: the order of the switcher."""
        family = models.functions.Coalesce("parent__name", "name")
        return self.order_by(Lower(family), models.F("parent").asc(nulls_first=True), Lower("name"))


class Organization(GuardedModel):
    GUARDED = ("parent_id", "archived_at", "requires_second_factor", "reveal_needs_approval")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=90, unique=True, editable=False)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sub_organizations",
        verbose_name="root organization",
        help_text="Empty for a root organization.",
    )
    requires_second_factor = models.BooleanField(
        default=False,
        editable=False,
        help_text="Of a root: nobody without a second factor does anything here or in its sub-organizations.",
    )
    reveal_needs_approval = models.BooleanField(
        default=False,
        editable=False,
        help_text="Of a root: nobody sees a secret here or in its sub-organizations before a second owner agrees.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = [Lower("name")]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                "parent",
                name="sub_organization_name_once_per_root",
                violation_error_message="There is a sub-organization with this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.clean()  # the two levels hold whatever path a row comes by
        if not self.slug:
            self.slug = self._free_slug()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.name = typed_name(self.name)
        if not self.name:
            raise ValidationError({"name": "Give the organization a name."})
        if self.parent_id is None:
            return
        if self.parent_id == self.pk or (self.parent and self.parent.parent_id):
            raise ValidationError({"parent": "A sub-organization stands directly under a root organization."})
        if self.pk and Organization.objects.filter(parent_id=self.pk).exists():
            raise ValidationError(
                {"parent": "This one has sub-organizations of its own, so it stays a root."}
            )

    def _free_slug(self) -> str:
        stem = slugify(self.name)[:70] or "organization"
        taken = set(Organization.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
        taken |= RESERVED_SLUGS
        return next(
            slug
            for number in range(1, len(taken) + 2)
            if (slug := stem if number == 1 else f"{stem}-{number}") not in taken
        )

    @property
    def is_root(self) -> bool:
        return self.parent_id is None

    @property
    def second_factor_is_required(self) -> bool:
        """The root's rule, which counts in its sub-organizations."""
        return (self.parent or self).requires_second_factor

    @property
    def approval_is_needed(self) -> bool:
        """The root's rule, which counts in its sub-organizations. A root that was tampered with says yes."""
        root = self.parent or self
        return root.reveal_needs_approval or not root.is_genuine

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def is_destroyed(self) -> bool:
        """Destroyed for good: of all its data keys (which the app credentials keeps) none is left."""
        keys = self.data_keys.all()
        return bool(keys) and all(key.destroyed_at for key in keys)

    def counting_memberships(self) -> "models.QuerySet[Membership]":
        """Direct members, and those of the root, whose roles flow down; by e-mail address."""
        family = [self.pk, *([self.parent_id] if self.parent_id else [])]
        memberships = self.memberships.model.objects.filter(organization_id__in=family)
        return memberships.select_related("user", "organization").order_by("user__email")

    def overview_path(self) -> str:
        """Not `get_absolute_url`: Django's admin would tell with it which ids exist."""
        return reverse("overview", args=[self.slug])

    @classmethod
    def create_root(cls, actor: Actor, name: str, owner: Any) -> "Organization":
        """A new root with its first owner (a User)."""
        with transaction.atomic():
            root = cls.objects.create(name=name)
            membership = root.memberships.create(user=owner, role=Role.OWNER)
            rows = [root, membership, owner]
            audit.record(actor, audit.Action.ORGANIZATION_CREATED, root, organization=root, rows=rows)
        return root

    def create_sub_organization(self, actor: Actor, name: str) -> "Organization":
        with transaction.atomic():
            sub = Organization(name=name, parent=self)
            sub.full_clean(exclude=["slug"])
            sub.save()
            audit.record(actor, audit.Action.ORGANIZATION_CREATED, sub, organization=self, rows=[sub])
        return sub

    def rename(self, actor: Actor, name: str) -> None:
        """The address (slug) stays, so that links and scripts keep working."""
        was, self.name = self.name, name
        self.full_clean(exclude=["slug"])
        with transaction.atomic():
            self.save(update_fields=["name"])
            audit.record(
                actor, audit.Action.ORGANIZATION_RENAMED, self, organization=self, was=was, now=self.name
            )

    def require_second_factor(self, actor: Actor, *, required: bool) -> None:
        """Of a root. Raises SecondFactorMissingError for who would lock themselves out."""
        if not self.is_root:
            raise ValueError("A sub-organization follows its root.")
        if required and not actor.has_second_factor:
            raise SecondFactorMissingError
        self._switch(
            actor, "requires_second_factor", audit.Action.ORGANIZATION_SECOND_FACTOR, required=required
        )

    def require_reveal_approval(self, actor: Actor, *, required: bool) -> None:
        """Of a root: whether a second person agrees before anybody sees a secret."""
        if not self.is_root:
            raise ValueError("A sub-organization follows its root.")
        actor.require(Permission.CREDENTIAL_REVEAL, self)
        self._switch(
            actor, "reveal_needs_approval", audit.Action.ORGANIZATION_REVEAL_APPROVAL, required=required
        )

    def _switch(self, actor: Actor, name: str, action: audit.Action, *, required: bool) -> None:
        with transaction.atomic():
            was = getattr(self, name)
            setattr(self, name, required)
            self.save(update_fields=[name])
            audit.record(
                actor,
                action,
                self,
                organization=self,
                rows=[self],
                was=_required(was),
                now=_required(required),
            )

    def archive(self, actor: Actor) -> None:
        """Nobody reaches an archived organization any more; nothing in it is lost, and it can be restored."""
        with transaction.atomic():
            self.archived_at = timezone.now()
            self.save(update_fields=["archived_at"])
            audit.record(
                actor, audit.Action.ORGANIZATION_ARCHIVED, self, organization=self.parent or self, rows=[self]
            )

    def restore(self, actor: Actor) -> None:
        """Raises ValidationError for one that is destroyed for good."""
        with transaction.atomic():
            # Whoever destroys it holds the same lock.
            if Organization.objects.select_for_update().get(pk=self.pk).is_destroyed:
                raise ValidationError("It is destroyed for good.")
            self.archived_at = None
            self.save(update_fields=["archived_at"])
            audit.record(
                actor, audit.Action.ORGANIZATION_RESTORED, self, organization=self.parent or self, rows=[self]
            )
