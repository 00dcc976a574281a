"""The keys that lie ready in a sandbox's data directory, for people to upload and try."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from appstore.sandbox.model import Key, Kind, Program, Role, Team
from appstore.sandbox.server import Sandbox
from appstore.sandbox.storage import write_private

LISTING = "READY_KEYS.md"


@dataclass(frozen=True)
class Wanted:
    program: Program
    role: Role
    kind: Kind


WANTED: Mapping[str, Wanted] = {
    "admin": Wanted(Program.APP_STORE, Role.ADMIN, Kind.TEAM),
    "app-manager": Wanted(Program.APP_STORE, Role.APP_MANAGER, Kind.TEAM),
    "developer": Wanted(Program.APP_STORE, Role.DEVELOPER, Kind.TEAM),
    "individual": Wanted(Program.APP_STORE, Role.ADMIN, Kind.INDIVIDUAL),
    "enterprise": Wanted(Program.ENTERPRISE, Role.ADMIN, Kind.TEAM),
}


@dataclass(frozen=True)
class ReadyKey:
    """`issuer_id` is empty for an individual key."""

    path: Path
    key_id: str
    issuer_id: str
    role: Role
    key_type: str


def prepare(sandbox: Sandbox, data_dir: Path, names: Sequence[str]) -> list[ReadyKey]:
    """Make the teams and keys of these names where they are missing, and list them in READY_KEYS.md.

    A key counts as present while it is not revoked and its file is in the directory.
    """
    ready = [_ready(sandbox, data_dir, WANTED[name]) for name in names]
    write_private(data_dir / LISTING, _listing(ready).encode())
    return ready


def _ready(sandbox: Sandbox, data_dir: Path, wanted: Wanted) -> ReadyKey:
    team = _team(sandbox, wanted.program)
    key = next((each for each in sandbox.keys if _is(each, team, wanted, data_dir)), None)
    if key is None:
        issued = sandbox.add_key(team, wanted.role, wanted.kind)
        write_private(data_dir / issued.file_name, issued.p8)
        key = next(each for each in sandbox.keys if each.key_id == issued.key_id)
    individual = key.kind is Kind.INDIVIDUAL
    return ReadyKey(
        path=data_dir / key.file_name,
        key_id=key.key_id,
        issuer_id="" if individual else team.issuer_id,
        role=key.role,
        key_type="ENTERPRISE" if team.program is Program.ENTERPRISE else key.kind,
    )


def _team(sandbox: Sandbox, program: Program) -> Team:
    for team in sandbox.teams:
        if team.program is program:
            return team
    if program is Program.ENTERPRISE:
        name, counts = (
            "Sandbox Enterprise",
            {"certificates": 6, "profiles": 20, "bundle_ids": 8, "devices": 15},
        )
    else:
        name, counts = "Sandbox Team", {"certificates": 12, "profiles": 40, "bundle_ids": 15, "devices": 30}
    return sandbox.add_team(name, program, **counts)


def _is(key: Key, team: Team, wanted: Wanted, data_dir: Path) -> bool:
    same = (key.team_id, key.role, key.kind) == (team.team_id, wanted.role, wanted.kind)
    return same and not key.revoked and (data_dir / key.file_name).exists()


def _listing(ready: list[ReadyKey]) -> str:
    cells = ((f"`{e.path.name}`", e.key_id, e.issuer_id or "(none)", e.role, e.key_type) for e in ready)
    rows = "\n".join(f"| {' | '.join(row)} |" for row in cells)
    return (
        "# Ready-made keys of this sandbox\n\n"
        "They open nothing but the sandbox that made them.\n\n"
        "| File | Key ID | Issuer ID | Role | Key type |\n|---|---|---|---|---|\n"
        f"{rows}\n"
    )
