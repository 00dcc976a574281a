"""Everything that an app signs with, as its page shows it."""

from dataclasses import dataclass

from appstore.models import App, BundleId, DeveloperTeam
from appstore.profile_types import ProfileType, types_of
from appstore.signing.assets import Assets, assets_of
from appstore.signing.extensions import suggested_extensions
from appstore.signing.key_rules import keys_of
from appstore.signing.resolve import resolve_signing
from appstore.signing.resolved import Resolved
from appstore.signing.slots import DISTRIBUTIONS, Slot, distributions_of, slots_of
from organizations.actors import Actor


@dataclass(frozen=True)
class DistributionSlots:
    distribution: str
    title: str
    kind: ProfileType
    slots: list[Resolved]  # the certificate, then the profiles of the app and of its extensions


@dataclass(frozen=True)
class Overview:
    team: DeveloperTeam | None
    distributions: list[DistributionSlots]
    keys: list[tuple[Slot, list[Resolved]]]
    registered: dict[str, BundleId]  # of the mirror, by identifier
    suggested: list[BundleId]  # for extensions


def overview_of(actor: Actor, app: App) -> Overview:
    """A constant number of queries."""
    assets = assets_of(actor, app)
    types = types_of(app.platform)
    found = []
    for each in shown_distributions(assets):
        signing = resolve_signing(actor, app, each, app.bundle_ids, assets=assets)
        found.append(DistributionSlots(each, DISTRIBUTIONS[each], types[each], signing.parts))
    others = [slot for slot in slots_of(app.platform).values() if not slot.distribution]
    keys = [(slot, keys_of(assets, slot)) for slot in others]
    registered = {each.identifier: each for each in assets.bundle_ids}
    return Overview(assets.team, found, keys, registered, suggested_extensions(assets))


def shown_distributions(assets: Assets) -> list[str]:
    """Those that its Apple account has: the Enterprise program knows In-House, and no App Store."""
    teams = [assets.team] if assets.team else list(assets.teams.values())
    programs = {team.is_enterprise for team in teams} or {False}
    pinned = {distribution for name in assets.pins for distribution in name.split(":")[1:2]}
    return [
        each
        for each in distributions_of(assets.app.platform)
        if each in pinned
        or (True in programs and each in {"in-house", "development"})
        or (False in programs and each != "in-house")
    ]


def resolved_of(actor: Actor, assets: Assets, slot: Slot) -> list[Resolved]:
    """What is in one slot."""
    if not slot.distribution:
        return keys_of(assets, slot)
    signing = resolve_signing(actor, assets.app, slot.distribution, assets.app.bundle_ids, assets=assets)
    return [each for each in signing.parts if each.slot == slot]
