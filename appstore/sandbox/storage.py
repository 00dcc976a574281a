"""The state file: plain JSON, for its owner's eyes only, replaced in one step."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from appstore.sandbox.model import Collections, Key, Kind, Program, Resource, Role, Team

FORMAT = 1


def save(
    path: Path, teams: dict[str, Team], keys: dict[str, Key], collections: dict[str, Collections]
) -> None:
    document = {
        "format": FORMAT,
        "teams": [asdict(team) for team in teams.values()],
        "keys": [asdict(key) for key in keys.values()],
        "objects": {
            team_id: [
                # Not asdict(): it would copy megabytes of certificates and profiles.
                {"type": each.type, "id": each.id, "attributes": each.attributes, "rel": each.relationships}
                for resources in types.values()
                for each in resources.values()
            ]
            for team_id, types in collections.items()
        },
    }
    write_private(path, json.dumps(document).encode())


def load(path: Path) -> tuple[dict[str, Team], dict[str, Key], dict[str, Collections]]:
    document = json.loads(path.read_bytes())
    if document.get("format") != FORMAT:
        raise ValueError(f"{path} is not a sandbox state of format {FORMAT}")
    teams = [_team(each) for each in document["teams"]]
    keys = [_key(each) for each in document["keys"]]
    collections: dict[str, Collections] = {team.team_id: {} for team in teams}
    for team_id, objects in document["objects"].items():
        for each in objects:
            resource = Resource(each["type"], each["id"], each["attributes"], each["rel"])
            collections[team_id].setdefault(resource.type, {})[resource.id] = resource
    return {team.team_id: team for team in teams}, {key.key_id: key for key in keys}, collections


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step; nobody but the owner can read it at any moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no path
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _team(fields: dict[str, Any]) -> Team:
    return Team(**{**fields, "program": Program(fields["program"])})


def _key(fields: dict[str, Any]) -> Key:
    return Key(**{**fields, "role": Role(fields["role"]), "kind": Kind(fields["kind"])})
