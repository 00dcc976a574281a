"""What every write has at hand: whose it is, what they may do, and the team's objects."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from appstore.sandbox import errors
from appstore.sandbox.model import Key, Resource, Team
from appstore.sandbox.roles import Access
from appstore.sandbox.state import State


@dataclass(frozen=True)
class Desk:
    """One key's write. The caller holds the state's lock, and saves when the write is done."""

    state: State
    team: Team
    key: Key
    random: Random
    certificate_limits: Mapping[str, int]

    def permit(self, collection: str, kind: str = "") -> None:
        """ApiError (403) unless the key may write objects of this collection and, where it has any, type."""
        if not Access.of(self.key).may_write(collection, kind):
            raise errors.role_forbidden()

    def all(self, collection: str) -> list[Resource]:
        return list(self.state.collections[self.team.team_id].get(collection, {}).values())

    def find(self, collection: str, object_id: str) -> Resource | None:
        return self.state.collections[self.team.team_id].get(collection, {}).get(object_id)

    def existing(self, collection: str, object_id: str) -> Resource:
        """The object that a change or a removal is about; ApiError (404) where there is none."""
        found = self.find(collection, object_id)
        if found is None:
            raise errors.not_found(collection, object_id)
        return found

    def keep(self, resource: Resource) -> Resource:
        self.state.add(self.team.team_id, resource)
        return resource

    def remove(self, resource: Resource) -> None:
        self.state.remove(self.team.team_id, resource.type, resource.id)
