"""The claims that a policy asks for: exact values, and for those that only narrow, beginnings."""

import json
import re
from typing import Any

from organizations.federation.providers import Provider
from organizations.words import clean

_NAME = re.compile(r"[A-Za-z0-9_./:-]{1,100}", re.ASCII)
LONGEST_VALUE, MOST = 300, 20
# Checked for every token, or different in each: nothing to ask for
RESERVED = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti"})


class ClaimsError(Exception):
    """A sentence for who wrote the policy."""


def text_of(value: Any) -> str | None:
    """A claim's value as policies write it. None: a list or an object, which equals nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def stays(name: str) -> bool:
    """Whether a claim names something that is never given to somebody else."""
    return name == "sub" or name.endswith(("_id", "-id", "_slug"))


def check(provider: Provider, claims: dict[str, str]) -> dict[str, str]:
    """The claims of a new policy, without empty ones. Raises ClaimsError."""
    asked = {name: value for name, value in claims.items() if value}
    for claim in provider.required:
        if claim.name not in asked:
            raise ClaimsError(f"“{claim.label}” is needed: it stays the same when the project is renamed.")
    fixed = {claim.name for claim in provider.required}
    for name, value in asked.items():
        if name in RESERVED or not _NAME.fullmatch(name):
            raise ClaimsError(f"“{name[:50]}” is not a claim that can be asked for.")
        if len(value) > LONGEST_VALUE or "*" in value[:-1] or value == "*":
            raise ClaimsError(f"The value of “{name}” is too long, or has a * elsewhere than at the end.")
        if value.endswith("*") and (name in fixed or stays(name)):
            raise ClaimsError(f"“{name}” says whose job it is: give the whole value, without a *.")
    if not any(stays(name) for name in asked):
        raise ClaimsError("Ask for sub, or for a claim that ends in _id: nobody else can get that one.")
    if len(asked) > MOST:
        raise ClaimsError(f"At most {MOST} claims.")
    return asked


def missing(asked: dict[str, str], told: dict[str, Any]) -> str:
    """The first claim that is not as it is asked for; empty when all are."""
    for name, value in asked.items():
        found = text_of(told.get(name))
        fits = found is not None and (found.startswith(value[:-1]) if value.endswith("*") else found == value)
        if not fits:
            return name
    return ""


def for_the_log(provider: Provider, asked: dict[str, str], told: dict[str, Any]) -> dict[str, str]:
    """What the log keeps of a token: claims that say which job it was, in words that a database takes."""
    names = dict.fromkeys(("sub", *asked, *provider.told))
    found = {name: clean(text_of(told.get(name)), LONGEST_VALUE) for name in names}
    return {name: value for name, value in found.items() if value}


def dump(claims: dict[str, str]) -> str:
    return json.dumps(claims, sort_keys=True)


def load(words: str) -> dict[str, str]:
    return dict(json.loads(words or "{}"))
