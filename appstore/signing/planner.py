"""What is to be done so that an app can be signed: worked out from facts alone, by the page that shows it and by the
worker that does it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from appstore.changes.doing import MADE, registered
from appstore.models import Policy
from appstore.profile_types import ProfileType
from appstore.signing.fitting import fits
from appstore.signing.plan_facts import CertificateFact, Facts, ProfileFact, Target

Step = dict[str, Any]


class Verb(Enum):
    """In words, and the tone that pages show it in."""

    REUSE = ("Used again", "good")
    MAKE = ("Made", "info")
    REPLACE = ("Made anew", "warn")
    STUCK = ("Not possible", "bad")

    @property
    def words(self) -> str:
        return self.value[0]


@dataclass(frozen=True)
class Line:
    verb: Verb
    what: str
    why: str
    step: Step | None = None


@dataclass(frozen=True)
class Plan:
    lines: tuple[Line, ...]

    @property
    def problems(self) -> list[str]:
        return [line.why for line in self.lines if line.verb is Verb.STUCK]

    @property
    def sentences(self) -> list[str]:
        return [f"{line.verb.words}: {line.what}. {line.why}" for line in self.lines]

    @property
    def steps(self) -> list[Step]:
        """None when anything is not possible: half of it would help nobody."""
        return [] if self.problems else [line.step for line in self.lines if line.step]

    @property
    def is_done(self) -> bool:
        return not self.problems and not self.steps


def plan(facts: Facts, allowed: Policy, now: datetime, lasts: timedelta = timedelta()) -> Plan:
    """`lasts`: what ends before that has passed is replaced already."""
    return _Planner(facts, allowed, now, now + lasts).plan()


@dataclass
class _Planner:
    facts: Facts
    allowed: Policy
    now: datetime
    until: datetime
    names: set[str] = field(default_factory=set)  # of profiles that are made

    def plan(self) -> Plan:
        facts = self.facts
        if facts.pins_trouble:
            return Plan((Line(Verb.STUCK, "What was chosen", facts.pins_trouble),))
        good = self._good_certificates()
        signer = self._signer(good)
        used = {each: self._best(each, [signer] if signer else []) for each in facts.targets}
        if signer and all(used.values()):
            return Plan((self._used(signer), *(self._used_profile(each) for each in used.values() if each)))
        bundle_ids = [self._bundle_id(target) for target, profile in used.items() if not profile]
        profiles = [
            self._used_profile(profile) if profile else self._profile(target, signer, good)
            for target, profile in used.items()
        ]
        return Plan((*bundle_ids, self._certificate(signer), *self._devices(), *profiles))

    # What is there

    def _good_certificates(self) -> list[CertificateFact]:
        """Their private key is here, and they last; what ends last comes first."""
        found = [
            each
            for each in self.facts.certificates
            if each.has_key
            and each.expires
            and each.expires > self.until
            and self.facts.pinned_certificate in {"", each.apple_id}
        ]
        return sorted(found, key=lambda each: (each.expires or self.now, each.apple_id), reverse=True)

    def _signer(self, good: list[CertificateFact]) -> CertificateFact | None:
        """One certificate signs the app and its extensions: one of the app's profile, then what most of them hold, then
        what ends last."""
        app, *extensions = self.facts.targets
        own = self._best(app, good)
        fit = [each for each in good if own is None or each.apple_id in own.certificates]
        return max(
            fit, key=lambda each: sum(1 for one in extensions if self._best(one, [each])), default=None
        )

    def _best(self, target: Target, good: list[CertificateFact]) -> ProfileFact | None:
        """The profile that can be used as it is, with one of these certificates."""
        usable = [each for each in self._profiles(target) if not self._wrong_with(each, good)]
        return max(usable, key=lambda each: self._rank(target, each), default=None)

    def _profiles(self, target: Target) -> list[ProfileFact]:
        if target.pinned_name:
            return []
        return [
            each
            for each in self.facts.profiles
            if target.pinned_profile in {"", each.apple_id} and fits(each.identifier, target.identifier)
        ]

    def _wrong_with(self, profile: ProfileFact, good: list[CertificateFact]) -> str:
        """In a sentence; "" for one that can be used as it is."""
        if profile.state == "INVALID":
            return "Apple calls it invalid."
        if profile.state == "EXPIRED" or (profile.expires and profile.expires <= self.now):
            return "It expired."
        if profile.expires and profile.expires <= self.until:
            return f"It ends on {profile.expires:%Y-%m-%d}."
        if not profile.certificates & {each.apple_id for each in good}:
            return "It holds no certificate whose private key is here, and that lasts."
        lacking = [name for apple_id, name in self.facts.devices.items() if apple_id not in profile.devices]
        if lacking:
            are = "device is" if len(lacking) == 1 else "devices are"
            return f"{len(lacking)} enabled {are} not in it: {', '.join(sorted(lacking)[:3])}."
        return ""

    def _rank(self, target: Target, profile: ProfileFact) -> tuple[bool, int, datetime, str]:
        is_exact = profile.identifier == target.identifier
        return is_exact, len(profile.identifier), profile.expires or self.now, profile.apple_id

    def _used_profile(self, profile: ProfileFact) -> Line:
        return Line(Verb.REUSE, f"Profile “{profile.name}”", f"It is valid until {_day(profile.expires)}.")

    def _used(self, certificate: CertificateFact) -> Line:
        why = f"Its private key is here, and it is valid until {_day(certificate.expires)}."
        return Line(Verb.REUSE, f"Certificate “{certificate.name}”", why)

    # What is made

    def _bundle_id(self, target: Target) -> Line:
        facts = self.facts
        what = f"Bundle ID {target.identifier}"
        if target.bundle_id:
            return Line(Verb.REUSE, what, "It is registered.")
        if trouble := self._not_allowed():
            return Line(Verb.STUCK, what, f"It is not registered at Apple. {trouble}")
        called = facts.app_name if target == facts.targets[0] else target.identifier
        step = {
            "do": "register-bundle-id",
            "identifier": target.identifier,
            "name": _apple_name(called) or _apple_name(target.identifier),
            "platform": "MAC_OS" if facts.platform == "MAC_OS" else "IOS",
        }
        return Line(Verb.MAKE, what, "It is not registered at Apple.", step)

    def _certificate(self, signer: CertificateFact | None) -> Line:
        if signer:
            return self._used(signer)
        kind, what = self.facts.kind, "Certificate"
        if self.facts.pinned_certificate:
            why = "The one that was chosen for this app ends, or cannot be used. Take the choice back, or renew it."
            return Line(Verb.STUCK, what, why)
        why = f"There is none for {kind.label} whose private key is here, and that lasts."
        if kind.distribution == "developer-id":
            by_hand = "Apple makes these for the Account Holder alone, on its website: add one with its private key."
            return Line(Verb.STUCK, what, f"{why} {by_hand}")
        if trouble := self._not_allowed(certificates=True):
            return Line(Verb.STUCK, what, f"{why} {trouble}")
        return Line(
            Verb.MAKE, what, why, {"do": "create-certificate", "certificate_type": _type_to_make(kind)}
        )

    def _devices(self) -> list[Line]:
        if not self.facts.kind.names_devices or self.facts.devices:
            return []
        why = "No enabled device of its platform is registered at Apple. Register one first."
        return [Line(Verb.STUCK, "Devices", why)]

    def _profile(self, target: Target, signer: CertificateFact | None, good: list[CertificateFact]) -> Line:
        exact = [each for each in self._profiles(target) if each.identifier == target.identifier]
        held = {each.apple_id for each in self.facts.certificates if each.has_key}
        old = max(
            exact, key=lambda each: (bool(each.certificates & held), *self._rank(target, each)), default=None
        )
        what = f"Profile “{old.name}”" if old else f"Profile of the type {self.facts.kind.label}"
        why = f"There is none for {target.identifier}."
        if target.pinned_profile and not old:
            chosen = "The profile that was chosen for it cannot be used, and is not for this bundle ID alone."
            return Line(Verb.STUCK, what, f"{chosen} Take the choice back, or make that profile anew.")
        if old:
            why = (
                self._wrong_with(old, good) or "It does not hold the certificate that the app is signed with."
            )
        if trouble := self._not_allowed():
            return Line(Verb.STUCK, what, f"{why} {trouble}")
        first = signer.apple_id if signer else MADE
        step: Step = {
            "do": "create-profile",
            "name": old.name if old else self._free_name(target),
            "profile_type": self.facts.kind.name,
            "bundle_id": target.bundle_id or registered(target.identifier),
            "certificates": [first, *self._kept(old, first)],
            "devices": sorted(self.facts.devices) if self.facts.kind.names_devices else [],
        }
        if old is None:
            return Line(Verb.MAKE, what, why, step)
        return Line(Verb.REPLACE, what, why, step | {"do": "replace-profile", "profile": old.apple_id})

    def _kept(self, old: ProfileFact | None, first: str) -> list[str]:
        """Somebody else may sign with the other certificates of the old one."""
        valid = {
            each.apple_id for each in self.facts.certificates if each.expires and each.expires > self.now
        }
        return sorted((old.certificates & valid) - {first}) if old else []

    def _free_name(self, target: Target) -> str:
        wanted = target.pinned_name or f"{target.identifier} {self.facts.kind.label}"
        name, number = wanted, 2
        while name in self.facts.names | self.names:
            name, number = f"{wanted} {number}", number + 1
        self.names.add(name)
        return name

    def _not_allowed(self, *, certificates: bool = False) -> str:
        """Why it is not made; "" when it may be."""
        if self.facts.owner:
            return f"Its Apple team belongs to {self.facts.owner}, where alone that is changed. Ask there."
        if self.allowed == Policy.CERTIFICATES or (self.allowed == Policy.PROFILES and not certificates):
            return ""
        if certificates and self.allowed == Policy.PROFILES:
            return (
                "The app's policy allows no certificates: create one, add one, or allow them in its settings."
            )
        return "The app's policy allows no changes: allow them in its settings."


def _type_to_make(kind: ProfileType) -> str:
    return "IOS_DISTRIBUTION" if kind.is_enterprise else kind.certificates[0]


def _apple_name(name: str) -> str:
    """Apple takes letters, digits and spaces."""
    return " ".join("".join(each if each.isalnum() else " " for each in name).split())[:50].strip()


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "further notice"
