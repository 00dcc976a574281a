"""The sandbox's memory, kept in a file where it has one."""

from pathlib import Path
from threading import RLock

from appstore.sandbox import storage
from appstore.sandbox.model import Collections, Key, Resource, Team


class State:
    """Teams, keys and objects. Callers hold `lock` while they read or change several things at once.

    Every change is followed by `save()`, so that a restart finds the same ids and contents.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.lock = RLock()
        self.teams: dict[str, Team] = {}
        self.keys: dict[str, Key] = {}
        self.collections: dict[str, Collections] = {}
        self._path = path
        if path is not None and path.exists():
            self.teams, self.keys, self.collections = storage.load(path)

    def save(self) -> None:
        if self._path is not None:
            with self.lock:
                storage.save(self._path, self.teams, self.keys, self.collections)

    def find_key(self, key_id: str) -> tuple[Key, Team] | None:
        with self.lock:
            key = self.keys.get(key_id)
            return (key, self.teams[key.team_id]) if key is not None else None

    def add(self, team_id: str, resource: Resource) -> None:
        self.collections[team_id].setdefault(resource.type, {})[resource.id] = resource

    def get(self, team_id: str, collection: str, object_id: str) -> Resource:
        """An object of a team; KeyError with a readable message where there is none."""
        found = self.collections.get(team_id, {}).get(collection, {}).get(object_id)
        if found is None:
            raise KeyError(f"Team {team_id} has no {collection} with id {object_id}")
        return found

    def remove(self, team_id: str, collection: str, object_id: str) -> None:
        """Take an object away, and with it every mention of it.

        As with Apple, a profile that loses a certificate or its bundle ID becomes invalid and has no content.
        """
        self.get(team_id, collection, object_id)
        del self.collections[team_id][collection][object_id]
        for resources in self.collections[team_id].values():
            for resource in resources.values():
                mentioned = [name for name, ids in resource.relationships.items() if object_id in ids]
                for name in mentioned:
                    resource.relationships[name].remove(object_id)
                if mentioned and resource.type == "profiles" and collection in ("certificates", "bundleIds"):
                    invalidate(resource)


def invalidate(profile: Resource) -> None:
    """Apple's mark on a profile that lost something, or whose bundle ID can do other things since."""
    profile.attributes |= {"profileState": "INVALID", "profileContent": None}
