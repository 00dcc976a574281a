"""Paths of the API: what each one addresses, and the operation that a method means there."""

from dataclasses import dataclass

from appstore.sandbox.catalog import Catalog, Relationship, ResourceType
from appstore.sandbox.errors import method_not_allowed, operation_not_allowed, path_error
from appstore.sandbox.query import Shape

_OPERATIONS = {
    (Shape.COLLECTION, "GET"): "GET_COLLECTION",
    (Shape.COLLECTION, "POST"): "CREATE",
    (Shape.INSTANCE, "GET"): "GET_INSTANCE",
    (Shape.INSTANCE, "PATCH"): "UPDATE",
    (Shape.INSTANCE, "DELETE"): "DELETE",
    (Shape.RELATED, "GET"): "GET_RELATED",
    (Shape.RELATED_ONE, "GET"): "GET_RELATED",
    (Shape.LINKAGE, "GET"): "GET_RELATIONSHIP",
    (Shape.LINKAGE_ONE, "GET"): "GET_RELATIONSHIP",
}
READS = ("GET_COLLECTION", "GET_INSTANCE", "GET_RELATED", "GET_RELATIONSHIP")


@dataclass(frozen=True)
class Target:
    """What a path addresses. `relationship` is the name and the relationship of /v1/<owner>/<id>/<name>."""

    shape: Shape
    owner: ResourceType
    object_id: str = ""
    relationship: tuple[str, Relationship] | None = None

    @property
    def answers(self) -> str:
        """The type of the objects in the answer."""
        return self.relationship[1].target if self.relationship else self.owner.name


def resolve(method: str, path: str, catalog: Catalog) -> Target:
    """Find what a path addresses; ApiError (404 PATH_ERROR) where this API has no such path for the method."""
    match path.removeprefix("/v1/").split("/") if path.startswith("/v1/") else []:
        case [name] if (owner := _named(name, catalog, method)) is not None:
            return Target(Shape.COLLECTION, owner)
        case [name, object_id] if object_id and (owner := _named(name, catalog, method)) is not None:
            return Target(Shape.INSTANCE, owner, object_id)
        case [name, object_id, "relationships", related] if catalog.linkages:
            one, many = Shape.LINKAGE_ONE, Shape.LINKAGE
        case [name, object_id, related]:
            one, many = Shape.RELATED_ONE, Shape.RELATED
        case _:
            raise path_error(path)
    owner = _named(name, catalog, method)
    relationship = owner.relationships.get(related) if owner else None
    if owner is None or relationship is None or not object_id:
        raise path_error(path)
    return Target(many if relationship.many else one, owner, object_id, (related, relationship))


def operation(method: str, target: Target) -> str:
    """The name of what is asked for; ApiError (403, 405) for what this resource does not offer."""
    name = _OPERATIONS.get((target.shape, method))
    if name is None:
        raise method_not_allowed(method)
    if name not in READS and name not in target.owner.writes:
        reads = READS[:2] if target.owner.listed else ()
        raise operation_not_allowed(target.owner.name, name, [*reads, *target.owner.writes])
    return name


def _named(name: str, catalog: Catalog, method: str) -> ResourceType | None:
    """The type of this name, unless it can only be written and is to be read."""
    found = catalog.types.get(name)
    if found is None or found.listed:
        return found
    return found if found.writes and method != "GET" else None
