"""A team's population, made from a seed: the same seed gives the same ids and names, with new keys."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random

from appstore.sandbox import bundles, devices, people
from appstore.sandbox.authority import authority, new_keys
from appstore.sandbox.certificates import Order, certificate
from appstore.sandbox.model import Collections, Program, Resource, Team
from appstore.sandbox.names import apple_id, person
from appstore.sandbox.plan import CERTIFICATES, PROFILES, Life
from appstore.sandbox.profile_types import TYPES, ProfileType
from appstore.sandbox.profiles import ProfileOrder, profile


@dataclass(frozen=True)
class Counts:
    certificates: int = 40
    profiles: int = 200
    bundle_ids: int = 60
    devices: int = 150


def populate(team: Team, counts: Counts, random: Random, domain: str) -> Collections:
    """Make everything that a team has. `domain` is the second part of its bundle IDs."""
    maker = _Maker(team, random)
    app_store = team.program is Program.APP_STORE
    maker.keep(devices.devices(random, counts.devices, maker.now, vision_pro=app_store))
    maker.keep(bundles.bundle_ids(random, team, counts.bundle_ids, domain, universal=app_store))
    for each in maker.all("bundleIds"):
        maker.keep(bundles.capabilities(random, each))
    maker.keep(people.users(random, maker.people, team.program, domain))
    if app_store:
        maker.keep(bundles.apps(random, maker.all("bundleIds")))
    maker.make_certificates(counts.certificates)
    maker.make_profiles(counts.profiles)
    return maker.collections


class _Maker:
    """Makes what refers to something else: certificates to people, profiles to nearly everything."""

    def __init__(self, team: Team, random: Random) -> None:
        self.collections: Collections = {}
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.people = [person(random) for _ in range(5)]
        self._team, self._random = team, random
        self._expired: set[str] = set()
        self._names: set[str] = set()

    def keep(self, resources: list[Resource]) -> None:
        for each in resources:
            self.collections.setdefault(each.type, {})[each.id] = each

    def all(self, collection: str) -> list[Resource]:
        return list(self.collections.get(collection, {}).values())

    def make_certificates(self, amount: int) -> None:
        plan = CERTIFICATES[self._team.program]
        for index, key in enumerate(new_keys(amount)):
            kind, life = plan.at(index)
            order = Order(
                kind,
                self._random.choice(self.people),
                # Apple's serial numbers have 8 or 16 bytes; a leading zero is not written.
                self._random.getrandbits(self._random.choice((60, 63, 127))) | 1,
                self._end(life),
                key.public_key(),
            )
            made = certificate(authority(), self._team, apple_id(self._random), order)
            self.keep([made])
            if life is Life.EXPIRED:
                self._expired.add(made.id)

    def make_profiles(self, amount: int) -> None:
        """As many profiles as asked, of the planned types that this team has the ingredients for."""
        planned = (PROFILES[self._team.program].at(index) for index in count())
        if amount and not any(self._ingredients(name) for name in PROFILES[self._team.program].names):
            raise ValueError("Profiles need certificates and bundle IDs of the same team")
        made = 0
        while made < amount:
            name, life = next(planned)
            chosen = self._ingredients(name)
            if chosen is not None:
                self.keep([self._profile(name, life, *chosen, place=made)])
                made += 1

    def _ingredients(self, name: str) -> tuple[list[Resource], list[Resource], list[Resource]] | None:
        """The bundle IDs, certificates and devices for a profile type; None where one kind is missing."""
        kind = TYPES[name]
        platforms = (kind.platform, "UNIVERSAL")
        owners = [each for each in self.all("bundleIds") if each.attributes["platform"] in platforms]
        if not kind.development:  # a wildcard is no app to be distributed
            owners = [each for each in owners if not bundles.is_wildcard(each)]
        certificates = [
            each
            for each in self.all("certificates")
            if each.attributes["certificateType"] in kind.certificate_types
        ]
        usable = [
            each
            for each in self.all("devices")
            if each.attributes["deviceClass"] in kind.device_classes
            and each.attributes["status"] == "ENABLED"
        ]
        if not owners or not certificates or (kind.device_classes and not usable):
            return None
        return owners, certificates, usable

    def _profile(
        self,
        name: str,
        life: Life,
        owners: list[Resource],
        certificates: list[Resource],
        usable: list[Resource],
        *,
        place: int,
    ) -> Resource:
        kind = TYPES[name]
        wildcards = [each for each in owners if bundles.is_wildcard(each)]
        # The first development profile is the wildcard's, where there is one.
        owner = (
            wildcards[0]
            if wildcards and not wildcards[0].relationships["profiles"]
            else owners[place % len(owners)]
        )
        expires = self._end(life)
        order = ProfileOrder(
            self._unused_name(f"{owner.attributes['name']} {kind.label}"),
            name,
            owner,
            self._pick_certificates(kind, life, certificates),
            self._pick_devices(name, usable),
            expires - timedelta(days=365),
            expires,
            invalid=life is Life.INVALID,
        )
        return profile(self._random, authority(), self._team, order)

    def _pick_certificates(
        self, kind: ProfileType, life: Life, certificates: list[Resource]
    ) -> list[Resource]:
        expired = [each for each in certificates if each.id in self._expired]
        good = [each for each in certificates if each.id not in self._expired]
        if life is Life.EXPIRED_CERTIFICATE and expired:
            return expired[:1]
        if not good:
            return expired[:1]
        return good[:6] if kind.development else [self._random.choice(good)]

    def _pick_devices(self, name: str, usable: list[Resource]) -> list[Resource]:
        """Every device in an ad hoc profile, some in one for development."""
        if name.endswith("ADHOC"):
            return usable
        return self._random.sample(usable, k=min(len(usable), 12))

    def _unused_name(self, wanted: str) -> str:
        name = next(
            each for n in count(1) if (each := wanted if n == 1 else f"{wanted} {n}") not in self._names
        )
        self._names.add(name)
        return name

    def _end(self, life: Life) -> datetime:
        if life is Life.EXPIRED:
            return self.now - timedelta(days=self._random.randint(2, 200))
        if life is Life.EXPIRING:
            return self.now + timedelta(days=self._random.randint(3, 25), hours=1)
        return self.now + timedelta(days=self._random.randint(200, 360))
