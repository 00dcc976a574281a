"""The demo: organizations, people of every role, and keys that the sandbox Apple knows.

Keys take the same way as an upload in the browser: through the form. Their .p8 are told once by the sandbox, are
sealed, and touch no disk.
"""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from appstore.forms import AppStoreConnectKeyForm
from appstore.models import AppStoreConnectKey, KeyType, SyncRun
from credentials.sharing import share
from organizations.actors import SYSTEM, Actor
from organizations.models import Organization, User
from organizations.permissions import Role

ROOT = "Acme"
PEOPLE = [
    # e-mail, name, organization, role
    ("owner@acme.example", "Olga Owner", "Acme", Role.OWNER),
    ("viewer@acme.example", "Vera Viewer", "Acme", Role.VIEWER),
    ("admin@games.acme.example", "Adam Admin", "Acme Games", Role.ADMIN),
    ("developer@games.acme.example", "Dana Developer", "Acme Games", Role.DEVELOPER),
    ("developer@travel.acme.example", "Tom Traveller", "Acme Travel", Role.DEVELOPER),
    ("owner@globex.example", "Gita Globex", "Globex", Role.OWNER),
]
OPERATOR = ("operator@credhub.example", "Opal Operator")


@dataclass(frozen=True)
class Sandbox:
    """The control side of a running `manage.py sandbox`."""

    url: str

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=60)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def add_team(self, name: str, program: str, **sizes: int) -> dict[str, Any]:
        return self._post("teams", name=name, program=program, **sizes)

    def add_key(self, team: dict[str, Any], role: str = "ADMIN", kind: str = "TEAM") -> dict[str, Any]:
        return self._post("keys", team_id=team["team_id"], role=role, kind=kind)

    def teams(self) -> list[dict[str, Any]]:
        answer = requests.get(f"{self.url}/_sandbox/state", timeout=10)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["teams"]
        return found

    def revoke(self, key: dict[str, Any]) -> None:
        requests.delete(f"{self.url}/_sandbox/keys/{key['key_id']}", timeout=10).raise_for_status()


def password_of(data_dir: Path) -> str:
    """The demo's one password, made with the demo and kept beside it (0600)."""
    path = data_dir / "demo_password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"demo-{secrets.token_hex(3)}-{secrets.token_hex(3)}\n")
    return path.read_text().strip()


def seed(sandbox: Sandbox, password: str) -> None:
    """Make what is not there yet: safe to run again, also after it was cut off."""
    organizations = _organizations(password)
    for name, make in KEYS.items():
        root = organizations[ROOT]
        if not root.credentials.filter(name=name).exists():
            make(sandbox, root, name)
    _share(organizations)


def _organizations(password: str) -> dict[str, Organization]:
    with transaction.atomic():
        _user(*OPERATOR, password, is_superuser=True)
        owners = {
            name: _user(email, person, password) for email, person, name, role in PEOPLE if role == Role.OWNER
        }
        found = {name: _root(name, owner) for name, owner in owners.items()}
        for name in ("Acme Games", "Acme Travel"):
            sub = Organization.objects.filter(parent=found[ROOT], name=name).first()
            found[name] = sub or found[ROOT].create_sub_organization(SYSTEM, name)
        for email, person, name, role in PEOPLE:
            found[name].memberships.get_or_create(
                user=_user(email, person, password), defaults={"role": role}
            )
    return found


def _user(email: str, name: str, password: str, *, is_superuser: bool = False) -> User:
    make = User.objects.create_superuser if is_superuser else User.objects.create_user
    return User.objects.filter(email=email).first() or make(email, password, name=name)


def _root(name: str, owner: User) -> Organization:
    root = Organization.objects.filter(parent=None, name=name).first()
    return root or Organization.create_root(SYSTEM, name, owner)


def _upload(root: Organization, name: str, issued: dict[str, Any], key_type: KeyType) -> AppStoreConnectKey:
    """What the browser posts, through the form that the page uses."""
    owner = User.objects.get(email="owner@acme.example")
    form = AppStoreConnectKeyForm(
        {"key_type": key_type.value, "issuer_id": issued["issuer_id"], "name": name},
        {"file": SimpleUploadedFile(issued["file_name"], issued["p8"].encode())},
        organization=root,
    )
    if not form.is_valid():
        raise ValueError(f"The demo's key is refused by the form: {json.dumps(form.errors)}")
    return form.save(Actor(user=owner))


def _team_key(sandbox: Sandbox, root: Organization, name: str) -> None:
    team = sandbox.add_team(
        "Acme Inc.", "APP_STORE", certificates=40, profiles=200, bundle_ids=60, devices=150
    )
    _upload(root, name, sandbox.add_key(team), KeyType.TEAM)
    # A second key of the same team, so that fetching asks which one to use.
    _upload(root, f"{name} (backup)", sandbox.add_key(team), KeyType.TEAM)


def _enterprise_key(sandbox: Sandbox, root: Organization, name: str) -> None:
    team = sandbox.add_team(
        "Acme In-House", "ENTERPRISE", certificates=6, profiles=14, bundle_ids=8, devices=12
    )
    _upload(root, name, sandbox.add_key(team), KeyType.ENTERPRISE)


def _refused_key(sandbox: Sandbox, root: Organization, name: str) -> None:
    team = sandbox.add_team("Acme Labs", "APP_STORE", certificates=2, profiles=2, bundle_ids=2, devices=2)
    issued = sandbox.add_key(team)
    sandbox.revoke(issued)
    _upload(root, name, issued, KeyType.TEAM)


KEYS = {
    "Acme App Store": _team_key,
    "Acme In-House (Enterprise)": _enterprise_key,
    "Acme Labs (revoked)": _refused_key,
}


def _share(organizations: dict[str, Organization]) -> None:
    owner = Actor(user=User.objects.get(email="owner@acme.example"))
    credentials = organizations[ROOT].credentials
    chosen = credentials.get(name="Acme App Store")
    if not chosen.shares.exists():
        share(owner, chosen, with_all=False, chosen=[organizations["Acme Games"]])
    everybody = credentials.get(name="Acme In-House (Enterprise)")
    if not everybody.shared_with_all:
        share(owner, everybody, with_all=True, chosen=[])


def ready_keys(sandbox: Sandbox, folder: Path) -> list[tuple[Path, str, str]]:
    """The .p8 files left to try the upload with: path, Key ID, Issuer ID."""
    issuers = {key["key_id"]: team["issuer_id"] for team in sandbox.teams() for key in team["keys"]}
    files = {path.stem.partition("_")[2]: path for path in sorted(folder.glob("AuthKey_*.p8"))}
    return [(path, key_id, issuers[key_id]) for key_id, path in files.items() if key_id in issuers]


def syncs_left() -> int:
    return SyncRun.objects.active().count()
