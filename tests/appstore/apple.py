"""Apple for the tests of syncing: one running sandbox, a fresh small team for each test, and a worker."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from appstore import runs
from appstore.models import AppStoreConnectKey, DeveloperTeam, KeyType, SyncRun
from appstore.models.apple_objects import AppleObject
from appstore.sandbox.authority import new_keys
from appstore.sandbox.exchange import Request
from appstore.sandbox.model import IssuedKey, Kind, Program, Resource, Role, Team
from appstore.sandbox.server import Sandbox
from organizations.actors import SYSTEM, Actor
from organizations.models import Organization
from tests import factories

LISTS = ["/v1/bundleIds", "/v1/certificates", "/v1/devices", "/v1/profiles"]
_numbers = itertools.count(1)


@cache
def public_key() -> RSAPublicKey:
    """One RSA key for all certificates: what is certified does not matter here, and making keys is slow."""
    return new_keys(1)[0].public_key()


@dataclass
class Apple:
    """One team at a running sandbox."""

    sandbox: Sandbox
    team: Team

    @classmethod
    def with_team(cls, sandbox: Sandbox, program: Program = Program.APP_STORE, **sizes: int) -> "Apple":
        wanted = {"certificates": 2, "bundle_ids": 3, "devices": 4, "profiles": 2} | sizes
        team = sandbox.add_team(
            f"Team {next(_numbers)}",
            program,
            certificates=0,
            profiles=0,
            bundle_ids=wanted["bundle_ids"],
            devices=wanted["devices"],
        )
        apple = cls(sandbox, team)
        kinds = itertools.cycle(["IOS_DISTRIBUTION", "IOS_DEVELOPMENT"])
        for kind in itertools.islice(kinds, wanted["certificates"]):
            apple.add_certificate(kind)
        for _ in range(wanted["profiles"]):
            apple.add_profile()
        return apple

    # What the team has

    def add_certificate(self, kind: str = "IOS_DISTRIBUTION", **options: Any) -> dict[str, Any]:
        return self.sandbox.add_certificate(self.team, kind, public_key=public_key(), **options)

    def add_profile(self, kind: str = "IOS_APP_ADHOC", **options: Any) -> dict[str, Any]:
        """Of all certificates and devices and the first bundle ID, where nothing else is said."""
        ingredients = {
            "bundle_id": self.ids("bundleIds")[0],
            "certificates": self.ids("certificates"),
            "devices": self.ids("devices"),
        }
        return self.sandbox.add_profile(self.team, kind, **{**ingredients, **options})

    def objects(self, collection: str) -> list[dict[str, Any]]:
        return self.sandbox.objects(self.team, collection)

    def ids(self, collection: str) -> list[str]:
        return [each["id"] for each in self.objects(collection)]

    def stored(self, collection: str, object_id: str) -> Resource:
        """The sandbox's own record, to take it away and to bring the very same one back."""
        return self.sandbox._state.get(self.team.team_id, collection, object_id)

    def bring_back(self, resource: Resource) -> None:
        self.sandbox._state.add(self.team.team_id, resource)

    # Its keys

    def issue(self, role: str = Role.ADMIN, kind: str = Kind.TEAM) -> IssuedKey:
        return self.sandbox.add_key(self.team, role, kind)

    def upload(
        self,
        organization: Organization,
        issued: IssuedKey | None = None,
        *,
        actor: Actor = SYSTEM,
        key_type: KeyType | None = None,
        name: str = "",
    ) -> AppStoreConnectKey:
        """A key of the team, as the upload form leaves it: stored, with its check queued."""
        issued = issued or self.issue()
        guess = KeyType.INDIVIDUAL if issued.kind is Kind.INDIVIDUAL else KeyType.TEAM
        if self.team.program is Program.ENTERPRISE:
            guess = KeyType.ENTERPRISE
        return factories.make_key(
            organization,
            actor=actor,
            key_type=key_type or guess,
            name=name,
            p8=issued.p8,
            key_id=issued.key_id,
            issuer_id=issued.issuer_id or self.team.issuer_id,
        )

    def requests(self, key: AppStoreConnectKey, *paths: str) -> list[Request]:
        """What this key asked for, as the sandbox saw it."""
        mine = [each for each in self.sandbox.requests if each.key_id == key.key_id]
        return [each for each in mine if not paths or each.path in paths]


@dataclass
class Sent:
    """One request on its way out: its token, and whether a transaction was open."""

    url: str
    token: str
    in_transaction: bool
    claims: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.claims = jwt.decode(self.token, options={"verify_signature": False})


@dataclass
class Wire:
    """Every request that leaves for Apple. `before` is called with each one, before it is sent."""

    sent: list[Sent] = field(default_factory=list)
    before: Callable[[Sent], None] | None = None

    def on(self, path: str, act: Callable[[], object], *, nth: int = 1) -> None:
        """Do something when the nth request to a path is about to leave."""
        turns = itertools.count(1)

        def watch(sent: Sent) -> None:
            if path in sent.url and next(turns) == nth:
                act()

        self.before = watch


def work() -> None:
    """What a worker does, until nothing is due any more."""
    for _ in range(50):
        due = SyncRun.objects.due().order_by("created_at").values_list("pk", flat=True).first()
        if due is None:
            return
        runs.perform(due)
    raise AssertionError("There is always more work.")


def sync(team: DeveloperTeam | None, key: AppStoreConnectKey | None = None) -> SyncRun:
    """Ask for a sync and let the worker do it. Returns the run as it is then."""
    assert team is not None
    run = SyncRun.request_sync(SYSTEM, team, trigger=SyncRun.Trigger.SCHEDULE, key=key)
    work()
    run.refresh_from_db()
    return run


def by_apple_id(model: type[AppleObject], team: DeveloperTeam | None) -> dict[str, Any]:
    return {row.apple_id: row for row in model._default_manager.filter(team=team)}


def apple_ids(rows: Iterable[AppleObject]) -> set[str]:
    return {row.apple_id for row in rows}
