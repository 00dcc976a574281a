"""What an upload turned out to be."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Found:
    """`facts` are public and plain JSON, `secret` is sealed. `identifier` tells two credentials of the kind apart
    (at most 200 characters); `name` is what it is called where nobody says otherwise."""

    identifier: str
    name: str
    facts: dict[str, Any]
    secret: bytes = field(repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Row:
    """A line of a credential's page. `is_code`: set in a monospaced face, because people compare it."""

    label: str
    value: str
    is_code: bool = False
