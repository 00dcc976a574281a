"""What a sandbox holds: teams, the public half of their API keys, and Apple's objects."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Program(StrEnum):
    APP_STORE = "APP_STORE"
    ENTERPRISE = "ENTERPRISE"


class Role(StrEnum):
    ADMIN = "ADMIN"
    APP_MANAGER = "APP_MANAGER"
    DEVELOPER = "DEVELOPER"


class Kind(StrEnum):
    TEAM = "TEAM"
    INDIVIDUAL = "INDIVIDUAL"


@dataclass(frozen=True)
class Team:
    team_id: str
    issuer_id: str
    name: str
    program: Program


@dataclass(frozen=True)
class Key:
    """An API key as Apple keeps it: the private half went to its owner and nowhere else."""

    key_id: str
    team_id: str
    role: Role
    kind: Kind
    public_key: str
    revoked: bool = False

    @property
    def file_name(self) -> str:
        """The name under which Apple offers the download."""
        return f"{'ApiKey' if self.kind is Kind.INDIVIDUAL else 'AuthKey'}_{self.key_id}.p8"


@dataclass(frozen=True)
class IssuedKey:
    """A new API key with its private half. `issuer_id` is empty for individual keys, which have none."""

    key_id: str
    issuer_id: str
    p8: bytes = field(repr=False)
    file_name: str
    team_id: str
    role: Role
    kind: Kind


@dataclass
class Resource:
    """One of Apple's objects. Every relationship, to-one ones too, is a list of ids."""

    type: str
    id: str
    attributes: dict[str, Any]
    relationships: dict[str, list[str]] = field(default_factory=dict)


Collections = dict[str, dict[str, Resource]]
"""A team's objects: collection name, then id, in the order in which they were made."""
