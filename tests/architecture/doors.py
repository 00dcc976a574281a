"""The doors that everything goes through: the choke point, the audit writer, the one way out of secrets, the mirror."""

import ast
from collections.abc import Iterator
from functools import cache

from django.apps import apps

from organizations.querysets import TenantQuerySet
from tests.architecture.sources import Source

MANAGERS = {"objects", "_default_manager", "_base_manager"}
CHOKE_POINT = {"for_actor", "none", "by_token"}
GETTERS = {"django.shortcuts.get_object_or_404", "django.shortcuts.get_list_or_404"}
SURFACES = {"views", "admin", "admin_base", "api", "forms", "templatetags"}
SURFACE_FILES = {"access.py", "pages.py", "context_processors.py"}
# A manager that no rule can read, and why it is no way round the choke point
CLEARED = {
    ("organizations/admin_base.py", "model._default_manager"): "how the admin itself gets to the choke point",
    (
        "appstore/views/collections.py",
        "through.objects",
    ): "counts what belongs to rows that are scoped already",
}
MIRRORS = {f"appstore.models.{name}" for name in ("Certificate", "Profile", "BundleId", "Device")}
MIRROR_WRITERS = {f"appstore/{name}.py" for name in ("sync", "mirror", "links", "sweeping", "flaws")}
WRITES = {
    "create", "bulk_create", "get_or_create", "update_or_create", "update", "bulk_update", "delete", "save",
}  # fmt: skip


@cache
def tenant_models() -> frozenset[str]:
    """Names of the models whose rows belong to an organization."""
    return frozenset(
        model.__name__
        for model in apps.get_models()
        if isinstance(model._default_manager.all(), TenantQuerySet)
    )


@cache
def other_models() -> frozenset[str]:
    return frozenset(model.__name__ for model in apps.get_models()) - tenant_models()


def is_surface(path: str) -> bool:
    words = path.removesuffix(".py").split("/")
    return (len(words) > 1 and words[1] in SURFACES) or path.rsplit("/", maxsplit=1)[-1] in SURFACE_FILES


def choke_point(source: Source) -> Iterator[str]:
    """In views, forms, admin and API a tenant's rows are reached by `for_actor` (or `by_token`, or `none`)."""
    if not is_surface(source.path):
        return
    parents = {child: node for node in ast.walk(source.tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
            if not _is_scoped(source, node, parents):
                yield source.at(node, f"reaches rows with `{ast.unparse(node)}` and without for_actor")
        elif isinstance(node, ast.Call) and source.dotted(node.func) in GETTERS:
            first = source.dotted(node.args[0]) if node.args else ""
            if first.rsplit(".", maxsplit=1)[-1] in tenant_models():
                yield source.at(node, f"gets any {first} that there is")


def _is_scoped(source: Source, manager: ast.Attribute, parents: dict[ast.AST, ast.AST]) -> bool:
    name = source.dotted(manager.value).rsplit(".", maxsplit=1)[-1]
    if name in other_models() or (source.path, ast.unparse(manager)) in CLEARED:
        return True
    above = parents[manager]
    if isinstance(above, ast.Attribute):
        return above.attr in CHOKE_POINT
    if isinstance(above, ast.Assign | ast.AnnAssign):  # `manager = ….objects`, and every use of that name
        target = above.targets[0] if isinstance(above, ast.Assign) else above.target
        return isinstance(target, ast.Name) and _uses_are_scoped(target.id, above, parents)
    return False


def _uses_are_scoped(name: str, assignment: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    function = parents[assignment]
    uses = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    ]
    return all(isinstance(up := parents[use], ast.Attribute) and up.attr in CHOKE_POINT for use in uses)


def audit_writer(source: Source) -> Iterator[str]:
    """Only organizations/audit.py writes audit events."""
    if source.path == "organizations/audit.py":
        return
    for call in source.calls():
        words = (source.dotted(call.func) or ast.unparse(call.func)).split(".")
        makes_one = words[-1] == "AuditEvent"
        writes = words[-1] in WRITES and bool({"AuditEvent", "audit_events"} & set(words))
        if makes_one or writes:
            yield source.at(call, f"writes audit events with `{'.'.join(words)}`")


def way_out_of_secrets(source: Source) -> Iterator[str]:
    """Only credentials/models/sealed_secret.py unseals a value or opens a data key, waiting_secret.py what is about to
    become a credential, and what tries whether it could; second factors and signing secrets of webhooks are opened by
    the system key's module and their doors."""
    if source.path in {
        "credentials/models/sealed_secret.py",
        "credentials/models/waiting_secret.py",
        "credentials/opening_checks.py",
        "credentials/system_keys.py",
        "organizations/integrity.py",
        "organizations/second_factors.py",
        "organizations/webhooks/sealing.py",
    }:
        return
    for call in source.calls():
        name = source.dotted(call.func) or ast.unparse(call.func)
        if name.rsplit(".", maxsplit=1)[-1] == "unseal" and source.path != "credentials/crypto.py":
            yield source.at(call, "unseals a value")
        elif name.endswith(".open") and ("data_key" in name or "DataKey" in name):
            yield source.at(call, "opens a data key")


def mirror_writer(source: Source) -> Iterator[str]:
    """Only sync.py and the modules that it stands on write what mirrors Apple's objects."""
    if source.path in MIRROR_WRITERS:
        return
    for call in source.calls():
        if source.dotted(call.func) in MIRRORS:
            yield source.at(call, f"makes a {ast.unparse(call.func)}")
        elif isinstance(call.func, ast.Attribute) and call.func.attr in WRITES:
            start: ast.expr = call.func
            while isinstance(start, ast.Attribute | ast.Call | ast.Subscript):
                start = start.func if isinstance(start, ast.Call) else start.value
            if source.dotted(start) in MIRRORS:
                yield source.at(call, f"writes a mirror with `{ast.unparse(call.func)}`")
