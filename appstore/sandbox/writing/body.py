"""The JSON:API document in the body of a write, read as strictly as Apple reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appstore.sandbox.writing import refusals

TEXT, LIST = str, list


@dataclass(frozen=True)
class Body:
    """One resource object. `operation` is Apple's name of the write."""

    operation: str
    attributes: Mapping[str, Any]
    relationships: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A required attribute that is text and not empty."""
        value = self.optional(name, TEXT)
        if not value:
            raise refusals.attribute_required(name)
        return str(value)

    def optional(self, name: str, kind: type) -> Any:
        """An attribute that may be absent or null: then it is None."""
        value = self.attributes.get(name)
        if value is not None and not isinstance(value, kind):
            raise refusals.attribute_type(name)
        return value

    def only(self, *names: str) -> None:
        """Refuse every other attribute."""
        for name in self.attributes:
            if name not in names:
                raise refusals.attribute_not_allowed(name, self.operation)

    def one(self, name: str) -> str:
        """The id of a required to-one relationship."""
        if name not in self.relationships:
            raise refusals.relationship_required(name)
        data = _object(self.relationships[name], f"/data/relationships/{name}").get("data")
        return _id(data, f"/data/relationships/{name}/data")

    def many(self, name: str) -> list[str]:
        """The ids of a to-many relationship, each once; none where it is absent."""
        if name not in self.relationships:
            return []
        data = _object(self.relationships[name], f"/data/relationships/{name}").get("data")
        if not isinstance(data, list):
            raise refusals.wrong_shape(f"/data/relationships/{name}/data")
        ids = [_id(each, f"/data/relationships/{name}/data/{at}") for at, each in enumerate(data)]
        return list(dict.fromkeys(ids))


def read(content: bytes, operation: str, resource: str, object_id: str = "") -> Body:
    """ApiError (400, 409, 422) for anything but one object of this type, and of this id for a change."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise refusals.not_json() from error
    data = _object(_object(document, "").get("data"), "/data")
    if data.get("type") != resource:
        raise refusals.wrong_type(resource)
    if object_id and data.get("id") != object_id:
        raise refusals.wrong_id(object_id)
    return Body(
        operation,
        _object(data.get("attributes", {}), "/data/attributes"),
        _object(data.get("relationships", {}), "/data/relationships"),
    )


def _object(value: object, pointer: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise refusals.wrong_shape(pointer)
    return value


def _id(value: object, pointer: str) -> str:
    found = _object(value, pointer).get("id")
    if not isinstance(found, str) or not found:
        raise refusals.wrong_shape(f"{pointer}/id")
    return found
