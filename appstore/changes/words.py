"""A step that is still to be done, in words."""

from typing import Any

_WORDS = {
    "create-certificate": "Make a certificate",
    "revoke-certificate": "Revoke the certificate",
    "create-profile": "Make the profile",
    "replace-profile": "Make the profile anew:",
    "delete-profile": "Delete the profile",
    "register-device": "Register the device",
    "update-device": "Change the device",
    "register-bundle-id": "Register the bundle ID",
    "rename-bundle-id": "Name the bundle ID",
    "delete-bundle-id": "Delete the bundle ID",
    "enable-capability": "Turn on",
    "disable-capability": "Turn off",
    "ensure-signing": "Look at Apple for what is there for",
}


def step_words(step: dict[str, Any]) -> str:
    return f"{_WORDS[step['do']]} {named(step)}".strip()


def named(step: dict[str, Any]) -> str:
    """What the step is about; `called` is a name that stays as it is."""
    names = (step.get(name) for name in ("identifier", "capability", "called", "name"))
    return str(next(filter(None, names), ""))
