"""Which keys and keystores an app uses, besides what it is signed with at Apple."""

from collections.abc import Callable

from appstore.models import Assignment, Health
from appstore.signing.assets import Assets
from appstore.signing.resolved import NOT_SEEN, Resolved, Rule, State
from appstore.signing.slots import Purpose, Slot
from credentials.models import Credential

MISSING = {
    Purpose.SUBMISSION: "There is no App Store Connect API key for the App Store. Enterprise keys submit nothing.",
    Purpose.PUSH: "There is no APNs key for this app.",
    Purpose.KEYSTORE: "There is no keystore.",
    Purpose.PLAY: "There is no Google service account key.",
    Purpose.FCM: "There is no Google service account key.",
}


def keys_of(assets: Assets, slot: Slot) -> list[Resolved]:
    """One; of a slot that takes several, all that were chosen, the default first."""
    pins = sorted(assets.pins.get(slot.name, []), key=lambda pin: not pin.is_default)
    if pins:
        return [_pinned(assets, slot, pin) for pin in pins]
    found = RULES[slot.purpose](assets, slot)
    if len(found) == 1:
        return [Resolved(slot, State.SUGGESTED, Rule.ONLY_ONE, "It is the only one that fits.", found[0])]
    if found and slot.purpose in {Purpose.SUBMISSION, Purpose.PUSH}:
        why = f"Of {len(found)} that fit it is the best: for this app's team, and working."
        return [Resolved(slot, State.SUGGESTED, Rule.BEST, why, found[0])]
    why = f"{len(found)} fit. Choose the one for this app." if found else MISSING[slot.purpose]
    return [Resolved(slot, State.MISSING, Rule.NONE, why)]


def fitting_keys(assets: Assets, slot: Slot) -> list[Credential]:
    """The best first. Keys for submissions of every team, since a person may know better which is the app's."""
    if slot.purpose == Purpose.SUBMISSION:
        return [each.credential for each in assets.keys if each.health != Health.REJECTED]
    return RULES[slot.purpose](assets, slot)


def _pinned(assets: Assets, slot: Slot, pin: Assignment) -> Resolved:
    credential = assets.pinned.get(pin.credential_id) if pin.credential_id else None
    if credential is None:
        return Resolved(slot, State.BROKEN, Rule.PINNED, NOT_SEEN, pin=pin)
    trouble = ""
    if credential.is_archived:
        trouble = "It is archived here."
    elif slot.purpose == Purpose.SUBMISSION:
        trouble = _refused(assets, credential)
    elif slot.purpose == Purpose.PUSH and not _is_for_topic(assets, credential):
        trouble = f"Its topics leave out {assets.app.identifier}."
    state = State.BROKEN if trouble else State.ASSIGNED
    return Resolved(slot, state, Rule.PINNED, trouble or "Chosen for this app.", credential, pin=pin)


def _refused(assets: Assets, credential: Credential) -> str:
    key = next((each for each in assets.keys if each.credential_id == credential.pk), None)
    if key is None:
        return "It is no key for the App Store."
    return "Apple refuses it." if key.health == Health.REJECTED else ""


def _submission(assets: Assets, _slot: Slot) -> list[Credential]:
    team = assets.team
    live = [each for each in assets.keys if each.health != Health.REJECTED]
    of_team = [each for each in live if team and each.team_id == team.pk]
    order = {Health.HEALTHY: 0, Health.UNCHECKED: 1}
    return [each.credential for each in sorted(of_team, key=lambda key: order.get(Health(key.health), 2))]


def _push(assets: Assets, slot: Slot) -> list[Credential]:
    """Those that name the app before those that are for all apps of the team."""
    team = assets.team.team_id if assets.team else ""
    fits = [
        each
        for each in assets.credentials.get(slot.kind, [])
        if (not team or each.facts["team_id"] == team) and _is_for_topic(assets, each)
    ]
    return sorted(fits, key=lambda each: not each.facts["topics"])


def _is_for_topic(assets: Assets, key: Credential) -> bool:
    topics = key.facts.get("topics", [])
    return not topics or assets.app.identifier in topics


def _any(assets: Assets, slot: Slot) -> list[Credential]:
    return assets.credentials.get(slot.kind, [])


RULES: dict[Purpose, Callable[[Assets, Slot], list[Credential]]] = {
    Purpose.SUBMISSION: _submission,
    Purpose.PUSH: _push,
    Purpose.KEYSTORE: _any,
    Purpose.PLAY: _any,
    Purpose.FCM: _any,
}
