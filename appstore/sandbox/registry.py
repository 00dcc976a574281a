"""What the owner of a sandbox does to its contents: teams, keys, objects; add, change, remove."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random, SystemRandom
from threading import Lock
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from appstore.sandbox import bundles, devices
from appstore.sandbox.authority import authority, new_keys
from appstore.sandbox.catalog import CATALOGS
from appstore.sandbox.certificates import Order, certificate
from appstore.sandbox.factory import Counts, populate
from appstore.sandbox.model import IssuedKey, Key, Kind, Program, Resource, Role, Team
from appstore.sandbox.names import apple_date, apple_id, person
from appstore.sandbox.profile_types import TYPES
from appstore.sandbox.profiles import ProfileOrder, move_end, profile
from appstore.sandbox.state import State

Described = dict[str, Any]
"""A resource as a dict: type, id, attributes, and relationships with the whole of their data."""


class Registry:
    """The contents of a sandbox. Teams may be given as such or by their id; what is missing is a KeyError."""

    def __init__(self, path: Path | None) -> None:
        self._state = State(path)
        self._making = Lock()
        self._random = SystemRandom()

    @property
    def teams(self) -> list[Team]:
        return list(self._state.teams.values())

    @property
    def keys(self) -> list[Key]:
        return list(self._state.keys.values())

    def add_team(
        self,
        name: str = "Acme",
        program: str = Program.APP_STORE,
        *,
        certificates: int = 40,
        profiles: int = 200,
        bundle_ids: int = 60,
        devices: int = 150,
        seed: int = 1,
    ) -> Team:
        """Make a team with its population. The same seed gives the same ids, while they are not taken."""
        with self._making:
            for attempt in count():
                random = Random(f"{seed}/{program}/{name}/{attempt}")  # noqa: S311 - reproducible, not secret
                team_id = apple_id(random)
                if team_id not in self._state.teams:
                    break
            issuer_id = str(uuid.UUID(int=random.getrandbits(128), version=4))
            team = Team(team_id, issuer_id, name, Program(program))
            counts = Counts(certificates, profiles, bundle_ids, devices)
            collections = populate(team, counts, random, self._domain(name))
            with self._state.lock:
                self._state.teams[team_id] = team
                self._state.collections[team_id] = collections
                self._state.save()
        return team

    def add_key(self, team: Team | str, role: str = Role.ADMIN, kind: str = Kind.TEAM) -> IssuedKey:
        """Issue an API key. Its private half is in the result and nowhere else."""
        owner = self._team(team)
        if owner.program is Program.ENTERPRISE and (kind != Kind.TEAM or role == Role.APP_MANAGER):
            raise ValueError("Enterprise keys are team keys with the role ADMIN or DEVELOPER")
        private = ec.generate_private_key(ec.SECP256R1())
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        key = Key(apple_id(self._random), owner.team_id, Role(role), Kind(kind), public)
        with self._state.lock:
            self._state.keys[key.key_id] = key
            self._state.save()
        return IssuedKey(
            key_id=key.key_id,
            issuer_id="" if key.kind is Kind.INDIVIDUAL else owner.issuer_id,
            p8=private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            file_name=key.file_name,
            team_id=owner.team_id,
            role=key.role,
            kind=key.kind,
        )

    def revoke_key(self, key_id: str) -> None:
        with self._state.lock:
            self._state.keys[key_id] = replace(self._state.keys[key_id], revoked=True)
            self._state.save()

    def add_device(
        self,
        team: Team | str,
        *,
        name: str = "",
        udid: str = "",
        device_class: str = "IPHONE",
        status: str = "ENABLED",
    ) -> Described:
        made = devices.device(
            self._random, device_class=device_class, added=_now(), name=name, udid=udid, status=status
        )
        return self._keep(team, made)

    def add_bundle_id(
        self, team: Team | str, identifier: str, *, name: str = "", platform: str = "IOS"
    ) -> Described:
        owner = self._team(team)
        made = bundles.bundle_id(
            self._random, owner, name=name or identifier, identifier=identifier, platform=platform
        )
        return self._keep(owner, made)

    def add_certificate(
        self,
        team: Team | str,
        certificate_type: str = "DISTRIBUTION",
        *,
        days: int = 300,
        public_key: RSAPublicKey | None = None,
    ) -> Described:
        """Issue a certificate for this public key or a new one, ending `days` from now (or before)."""
        owner = self._team(team)
        order = Order(
            certificate_type,
            person(self._random),
            secrets.randbits(127) | 1,
            _now() + timedelta(days=days),
            public_key or new_keys(1)[0].public_key(),
        )
        return self._keep(owner, certificate(authority(), owner, apple_id(self._random), order))

    def add_profile(
        self,
        team: Team | str,
        profile_type: str,
        *,
        bundle_id: str,
        certificates: Sequence[str],
        devices: Sequence[str] = (),
        name: str = "",
        days: int = 300,
        invalid: bool = False,
    ) -> Described:
        """Make a profile from the ids of its ingredients; it ends `days` from now."""
        owner, find = self._team(team), self._state.get
        with self._state.lock:
            bundle = find(owner.team_id, "bundleIds", bundle_id)
            order = ProfileOrder(
                name or f"{bundle.attributes['name']} {TYPES[profile_type].label} {secrets.token_hex(2)}",
                profile_type,
                bundle,
                [find(owner.team_id, "certificates", each) for each in certificates],
                [find(owner.team_id, "devices", each) for each in devices],
                _now() + timedelta(days=days - 365),
                _now() + timedelta(days=days),
                invalid,
            )
            return self._keep(owner, profile(self._random, authority(), owner, order))

    def update(self, team: Team | str, collection: str, object_id: str, **attributes: Any) -> Described:
        """Change attributes, with any value: also ones that Apple never documented."""
        owner = self._team(team)
        unknown = attributes.keys() - set(CATALOGS[owner.program].types[collection].attributes)
        if unknown:
            raise ValueError(f"{collection} have no {', '.join(sorted(unknown))}")
        with self._state.lock:
            resource = self._state.get(owner.team_id, collection, object_id)
            resource.attributes |= attributes
            self._state.save()
            return self._describe(owner, resource)

    def move_end(self, team: Team | str, collection: str, object_id: str, *, days: int) -> Described:
        """Let a certificate or a profile end `days` from now, or before now: for tests and demos, which cannot wait.
        The file of a profile is signed anew; that of a certificate is as it was, for profiles hold it."""
        owner, expires = self._team(team), _now() + timedelta(days=days)
        if collection not in {"certificates", "profiles"}:
            raise ValueError(f"{collection} have no end")
        with self._state.lock:
            resource = self._state.get(owner.team_id, collection, object_id)
            if collection == "profiles":
                move_end(authority(), resource, expires)
            else:
                resource.attributes["expirationDate"] = apple_date(expires)
            self._state.save()
            return self._describe(owner, resource)

    def remove(self, team: Team | str, collection: str, object_id: str) -> None:
        """Take an object away. Profiles that lose a certificate or their bundle ID become invalid."""
        with self._state.lock:
            self._state.remove(self._team(team).team_id, collection, object_id)
            self._state.save()

    def objects(self, team: Team | str, collection: str) -> list[Described]:
        owner = self._team(team)
        with self._state.lock:
            found = self._state.collections[owner.team_id].get(collection, {})
            return [self._describe(owner, each) for each in found.values()]

    def counts(self, team: Team | str) -> dict[str, int]:
        """How many objects a team has of each type."""
        with self._state.lock:
            found = self._state.collections[self._team(team).team_id]
            return {name: len(resources) for name, resources in found.items()}

    def _keep(self, team: Team | str, resource: Resource) -> Described:
        owner = self._team(team)
        with self._state.lock:
            self._state.add(owner.team_id, resource)
            self._state.save()
            return self._describe(owner, resource)

    def _team(self, team: Team | str) -> Team:
        return self._state.teams[team.team_id if isinstance(team, Team) else team]

    def _domain(self, name: str) -> str:
        """The second part of a team's bundle IDs, and of nobody else's: they are unique at Apple."""
        base = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum()) or "team"
        taken = {
            each.attributes["identifier"].split(".")[1]
            for collections in self._state.collections.values()
            for each in collections.get("bundleIds", {}).values()
            if each.attributes["identifier"].count(".")
        }
        return next(each for n in count(1) if (each := base if n == 1 else f"{base}{n}") not in taken)

    @staticmethod
    def _describe(team: Team, resource: Resource) -> Described:
        relationships: Described = {}
        for name, relationship in CATALOGS[team.program].types[resource.type].relationships.items():
            ids = resource.relationships.get(name, [])
            data = [{"type": relationship.target, "id": each} for each in ids]
            relationships[name] = {"data": data if relationship.many else (data[0] if data else None)}
        return {
            "type": resource.type,
            "id": resource.id,
            "attributes": dict(resource.attributes),
            "relationships": relationships,
        }


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
