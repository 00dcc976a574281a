"""`TenantAdmin`: what makes Django's admin safe between tenants. Every model of ours is registered through it.

Scoping `get_queryset` alone leaks: filters and drop-downs show other tenants, and a POST can write into one.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest

from organizations.actors import Actor
from organizations.listing import MAX_WORDS, search_text
from organizations.permissions import Permission

# Django's ModelAdmin and ModelForm are generic for type checkers alone.
if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    ModelForm = forms.ModelForm[Any]
else:
    ModelAdmin = admin.ModelAdmin
    ModelForm = forms.ModelForm


def actor_of(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]


class WholeRowForm(ModelForm):
    """Checks each constraint, also one that names a field outside the form, such as a name once per organization."""

    def validate_unique(self) -> None:
        super().validate_unique()
        if self.errors:
            return
        try:
            self.instance.validate_constraints()
        except ValidationError as error:
            self.add_error(None, error.messages[0])


class TenantAdmin(ModelAdmin):
    """Rows, choices and filters come from the choke point; nothing is deleted for good; permissions are roles."""

    view_permission: Permission
    manage_permission: Permission | None = None  # None: read-only here
    form = WholeRowForm
    list_per_page = 50
    show_full_result_count = False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        # Django puts a filter's text into the query as it came, and PostgreSQL takes no NUL.
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("The address holds a NUL character.")
        return super().changelist_view(request, extra_context)

    def _scoped(self, request: HttpRequest, model: type[Model], permission: Permission) -> QuerySet[Any]:
        """The rows of a model that this person may see. A model without a choke point offers nothing."""
        queryset = model._default_manager.all()
        if not hasattr(queryset, "for_actor"):
            return queryset.none()
        scoped: QuerySet[Any] = queryset.for_actor(actor_of(request), permission)
        return scoped

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self._scoped(request, self.model, self.view_permission).order_by(
            *self.get_ordering(request) or ["pk"]
        )

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """The one hook of foreign keys and many-to-manys: the choices, and so what a POST is checked against."""
        if self.manage_permission is None:
            return self._scoped(request, db_field.remote_field.model, self.view_permission)
        return self._scoped(request, db_field.remote_field.model, self.manage_permission)

    # Who may do what

    def has_module_permission(self, request: HttpRequest) -> bool:
        return actor_of(request).can_anywhere(self.view_permission)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return actor_of(request).can_anywhere(self.view_permission)
        return bool(self.get_queryset(request).filter(pk=obj.pk).exists())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if self.manage_permission is None:
            return False
        if obj is None:
            return actor_of(request).can_anywhere(self.manage_permission)
        return bool(self._scoped(request, self.model, self.manage_permission).filter(pk=obj.pk).exists())

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Archive, remove and revoke instead: an audited product deletes no tenant row by hand."""
        return False

    # The admin's own history keeps texts of changes; ours is the activity log, written by the domain's methods.

    def log_addition(self, *_args: Any) -> None:  # type: ignore[override]
        return None

    def log_change(self, *_args: Any) -> None:  # type: ignore[override]
        return None

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """What the page's own filters ask. Any other column (a password's hash) would tell itself letter by letter."""
        filters = [each if isinstance(each, str) else each[0] for each in self.get_list_filter(request)]
        if lookup.split("__", 1)[0] not in {*filters, self.date_hierarchy}:
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_text(search_term).split()[:MAX_WORDS]
        return super().get_search_results(request, queryset, " ".join(words))

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().response_action(request, *args, **kwargs)
        except ValidationError:
            raise BadRequest("What is selected is no id.") from None

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Filters over relations list related rows of the scoped queryset only."""
        return [self._related_only(each) for each in super().get_list_filter(request)]

    def _related_only(self, each: Any) -> Any:
        if not isinstance(each, str):
            return each
        field: Field[Any, Any] | Any = self.model._meta.get_field(each)
        return (each, admin.RelatedOnlyFieldListFilter) if field.is_relation else each


class ReadOnlyAdmin(TenantAdmin):
    """Shown, and changed elsewhere: mirrors, runs and the activity log."""
