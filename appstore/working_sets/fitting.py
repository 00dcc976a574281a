"""What a shape has no place for, told before anything is opened."""

from appstore.working_sets.choosing import MOST, Chosen
from credentials.kinds.apple_certificate import APPLE_CERTIFICATE
from credentials.kinds.keystore_found import ANDROID_KEYSTORE

FILES, EAS, MATCH = "set-files", "set-eas", "set-match"


def misfits(shape: str, chosen: Chosen) -> list[str]:
    """Sentences; none where all of it fits."""
    if not len(chosen):
        return ["Choose what to take."]
    if len(chosen) > MOST:
        return [f"A set has {MOST} at most. Choose fewer."]
    if unreadable := chosen.unreadable:
        return [f"Apple's profile “{each}” cannot be read. Leave it out." for each in unreadable]
    if shape == EAS:
        return _of_eas(chosen)
    if shape == MATCH:
        return _without_place(chosen, {APPLE_CERTIFICATE}, "A match repository")
    return []


def _without_place(chosen: Chosen, kinds: set[str], what: str) -> list[str]:
    names = ", ".join(f"“{each}”" for each in chosen.secrets if each.kind not in kinds)
    return [f"{what} has no place for {names}. Leave it out, or choose plain files."] if names else []


def _of_eas(chosen: Chosen) -> list[str]:
    said = _without_place(chosen, {APPLE_CERTIFICATE, ANDROID_KEYSTORE}, "EAS's credentials.json")
    if sum(each.kind == ANDROID_KEYSTORE for each in chosen.secrets) > 1:
        said.append("EAS's credentials.json has room for one keystore. Choose one.")
    signed, apps = set(), []
    held = {each.identifier: each for each in chosen.identities}
    for name, digests, app in profiles_of(chosen):
        signers = [digest for digest in digests if digest in held]
        signed |= set(signers[:1])
        apps.append(app)
        if not signers:
            said.append(f"No chosen identity signs for the profile “{name}”. Choose its identity too.")
    for identity in held.values():
        if identity.identifier not in signed:
            said.append(f"“{identity}” signs for none of the chosen profiles. Choose a profile of its app.")
    said += [f"Two profiles are for {app}. Choose one." for app in sorted(set(apps)) if apps.count(app) > 1]
    return said


def profiles_of(chosen: Chosen) -> list[tuple[str, list[str], str]]:
    """(name, SHA-256 of its certificates, App ID without prefix) of each profile."""
    uploaded = [
        (each.name, list(each.facts["certificate_sha256s"]), str(each.facts["application_identifier"]))
        for each in chosen.public
    ]
    return uploaded + [
        (row.name, list(facts.certificate_sha256s), facts.application_identifier)
        for row, facts in chosen.mirrored_facts
        if facts is not None
    ]
