"""Facts as JSON and back, for the pipe between a web process and the child that reads files.

Not pickle: what comes from the child is data, checked against the types of the dataclass that was asked for.
"""

import base64
import dataclasses
from datetime import datetime
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: object) -> Any:
    """What JSON knows: a dataclass is an object, bytes are base64, times ISO 8601, tuples lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {part.name: to_plain(getattr(value, part.name)) for part in dataclasses.fields(value)}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: type[T], plain: object) -> T:
    """The same back as a `kind`: a dataclass, bytes, datetime, str, bool, int, tuple or optional of these.

    Raises ValueError for everything that is not exactly one.
    """
    return _read(kind, plain)  # type: ignore[no-any-return]


def _read(kind: Any, plain: Any) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _read_dataclass(kind, plain)
    if get_origin(kind) is tuple and isinstance(plain, list):
        return tuple(_read(get_args(kind)[0], item) for item in plain)
    if type(None) in get_args(kind):
        return None if plain is None else _read(get_args(kind)[0], plain)
    if kind in (str, bool, int) and type(plain) is kind:  # True is an int, too
        return plain
    if kind is bytes and isinstance(plain, str):
        return base64.b64decode(plain, validate=True)
    if kind is datetime and isinstance(plain, str):
        return datetime.fromisoformat(plain)
    raise ValueError(f"This is not a {kind}.")


def _read_dataclass(kind: type[Any], plain: Any) -> Any:
    types = get_type_hints(kind)
    names = {part.name for part in dataclasses.fields(kind)}
    if not isinstance(plain, dict) or set(plain) != names:
        raise ValueError(f"This is not a {kind}.")
    return kind(**{name: _read(types[name], plain[name]) for name in names})
