"""What is to be done so that an app can be signed: a table of what is there, and of what a policy allows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from appstore.changes.doing import MADE, registered
from appstore.models import Policy
from appstore.profile_types import PROFILE_TYPES
from appstore.signing.plan_facts import CertificateFact, Facts, ProfileFact, Target
from appstore.signing.planner import Plan, Verb, plan

NOW = datetime(2026, 6, 1, tzinfo=UTC)
STORE, AD_HOC = PROFILE_TYPES["IOS_APP_STORE"], PROFILE_TYPES["IOS_APP_ADHOC"]


def days(count: int) -> datetime:
    return NOW + timedelta(days=count)


def certificate(apple_id: str = "C1", ends: int = 200, *, has_key: bool = True) -> CertificateFact:
    return CertificateFact(apple_id, apple_id, days(ends), has_key)


def profile(apple_id: str = "P1", ends: int = 100, holds: str = "C1", **values: Any) -> ProfileFact:
    devices = frozenset(str(values.pop("devices", "")).split())
    usual = {"identifier": "com.acme.app", "state": "ACTIVE", "expires": days(ends), "name": apple_id}
    return ProfileFact(
        apple_id=apple_id, certificates=frozenset(holds.split()), devices=devices, **(usual | values)
    )


WIDGET = "com.acme.app.widget"
APP, NEW, EXTENSION = Target("com.acme.app", "B1"), Target("com.acme.app"), Target(WIDGET, "B2")
ALL = Facts(
    kind=STORE, targets=(APP,), app_name="Acme's app", platform="IOS",
    certificates=(certificate(),), profiles=(profile(),),
)  # fmt: skip


def planned(facts: Facts, allowed: Policy = Policy.CERTIFICATES, lasts: int = 0) -> Plan:
    return plan(facts, allowed, NOW, timedelta(days=lasts))


def does(found: Plan) -> list[str]:
    return [step["do"] for step in found.steps]


def test_what_is_valid_is_used_again() -> None:
    found = planned(ALL, Policy.PROFILES)
    assert (found.is_done, [line.verb for line in found.lines]) == (True, [Verb.REUSE, Verb.REUSE])


CASES: dict[str, tuple[Facts, list[str]]] = {
    "nothing is there": (
        replace(ALL, targets=(NEW,), certificates=(), profiles=()),
        ["register-bundle-id", "create-certificate", "create-profile"],
    ),
    "no profile": (replace(ALL, profiles=()), ["create-profile"]),
    "no key": (
        replace(ALL, certificates=(certificate(has_key=False),)), ["create-certificate", "replace-profile"]
    ),
    "certificate expired": (
        replace(ALL, certificates=(certificate(ends=-1),)), ["create-certificate", "replace-profile"]
    ),
    "profile expired": (replace(ALL, profiles=(profile(ends=-1),)), ["replace-profile"]),
    "profile invalid": (replace(ALL, profiles=(profile(state="INVALID"),)), ["replace-profile"]),
    "profile of another certificate": (replace(ALL, profiles=(profile(holds="C9"),)), ["replace-profile"]),
    "one of two profiles is good": (
        replace(ALL, profiles=(profile("P1", ends=-1), profile("P2", ends=5))), []
    ),
    "a wildcard is good": (replace(ALL, targets=(NEW,), profiles=(profile(identifier="com.acme.*"),)), []),
    "a wildcard is not": (
        replace(ALL, profiles=(profile(identifier="com.acme.*", state="INVALID"),)), ["create-profile"]
    ),
    "a device is missing": (
        replace(ALL, kind=AD_HOC, devices={"D1": "One", "D2": "Two"}, profiles=(profile(devices="D1"),)),
        ["replace-profile"],
    ),
    "more devices than are enabled": (
        replace(ALL, kind=AD_HOC, devices={"D1": "One"}, profiles=(profile(devices="D1 D2"),)), []
    ),
    "an extension has none": (
        replace(ALL, targets=(APP, Target(WIDGET))), ["register-bundle-id", "create-profile"]
    ),
    "a wildcard serves both": (
        replace(ALL, targets=(APP, EXTENSION), profiles=(profile(identifier="com.acme.*"),)), []
    ),
    "an extension's is invalid": (
        replace(ALL, targets=(APP, EXTENSION), profiles=(profile(), profile("P2", identifier=WIDGET, state="INVALID"))),
        ["replace-profile"],
    ),
    "an extension's holds another certificate": (
        replace(
            ALL, targets=(APP, EXTENSION), certificates=(certificate(), certificate("C2")),
            profiles=(profile(), profile("P2", identifier=WIDGET, holds="C2")),
        ),
        ["replace-profile"],
    ),
    "one certificate is in both": (
        replace(
            ALL, targets=(APP, EXTENSION), certificates=(certificate(ends=300), certificate("C2")),
            profiles=(profile(holds="C1 C2"), profile("P2", identifier=WIDGET, holds="C2")),
        ),
        [],
    ),
    "the app's is anew with what its extension holds": (
        replace(
            ALL, targets=(APP, EXTENSION), certificates=(certificate(ends=300), certificate("C2")),
            profiles=(profile(state="INVALID"), profile("P2", identifier=WIDGET, holds="C2")),
        ),
        ["replace-profile"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_missing_or_no_good_is_made(case: str) -> None:
    facts, wanted = CASES[case]
    assert does(planned(facts)) == wanted


STUCK: dict[str, tuple[Facts, Policy, str]] = {
    "no certificates by policy": (replace(ALL, certificates=()), Policy.PROFILES, "allows no certificates"),
    "nothing by policy": (replace(ALL, profiles=()), Policy.SUGGEST, "allows no changes"),
    "no device": (replace(ALL, kind=AD_HOC, profiles=()), Policy.CERTIFICATES, "Register one first"),
    "the root's team": (replace(ALL, profiles=(), owner="Acme"), Policy.CERTIFICATES, "Ask there"),
    "developer ID": (
        replace(ALL, kind=PROFILE_TYPES["MAC_APP_DIRECT"], certificates=(), profiles=()), Policy.CERTIFICATES,
        "Account Holder alone",
    ),
    "the chosen certificate ends": (
        replace(ALL, certificates=(certificate("C1", -1), certificate("C2")), pinned_certificate="C1"),
        Policy.CERTIFICATES, "Take the choice back",
    ),
    "the chosen profile is a wildcard and no good": (
        replace(
            ALL, targets=(APP, replace(EXTENSION, pinned_profile="P2")),
            profiles=(profile(), profile("P2", identifier="com.acme.*", holds="C9")),
        ),
        Policy.CERTIFICATES, "make that profile anew",
    ),
    "what was chosen is elsewhere": (replace(ALL, pins_trouble="Gone."), Policy.CERTIFICATES, "Gone."),
}  # fmt: skip


@pytest.mark.parametrize("case", STUCK)
def test_what_a_person_has_to_do_first_is_said_and_nothing_is_done(case: str) -> None:
    facts, allowed, words = STUCK[case]
    found = planned(facts, allowed)
    assert words in " ".join(found.problems)
    assert (found.steps, found.is_done) == ([], False)


def test_what_is_made_stands_for_what_is_not_there_yet() -> None:
    bundle_id, made, new = planned(replace(ALL, targets=(NEW,), certificates=(), profiles=())).steps
    assert (bundle_id["name"], bundle_id["platform"]) == ("Acme s app", "IOS")
    assert made["certificate_type"] == "DISTRIBUTION"
    assert (new["bundle_id"], new["certificates"]) == (registered("com.acme.app"), [MADE])
    assert new["name"] == "com.acme.app iOS App Store"


def test_a_profile_that_is_made_anew_keeps_its_name_and_the_others_who_sign_with_it() -> None:
    others = (certificate("C1"), certificate("C2", has_key=False), certificate("C3", ends=-1, has_key=False))
    old = profile("P1", ends=-1, holds="C2 C3", name="Ours")
    (step,) = planned(replace(ALL, certificates=others, profiles=(old,))).steps
    assert (step["profile"], step["name"], step["certificates"]) == ("P1", "Ours", ["C1", "C2"])


def test_names_that_are_taken() -> None:
    taken = frozenset({"com.acme.app iOS App Store", "com.acme.app iOS App Store 2"})
    (step,) = planned(replace(ALL, profiles=(), names=taken)).steps
    assert step["name"] == "com.acme.app iOS App Store 3"


def test_the_chosen_profile_alone_counts() -> None:
    two = (profile("P1", state="INVALID"), profile("P2"))
    (step,) = planned(replace(ALL, profiles=two, targets=(replace(APP, pinned_profile="P1"),))).steps
    assert step["profile"] == "P1"


def test_what_ends_soon_is_replaced_only_by_what_lasts() -> None:
    assert does(planned(replace(ALL, profiles=(profile(ends=20),)), lasts=30)) == ["replace-profile"]
    short = replace(ALL, certificates=(certificate(ends=20),), profiles=(profile(ends=20),))
    assert planned(short, Policy.PROFILES, lasts=30).problems  # the new one would end as soon, day by day
    found = planned(short, lasts=30)
    assert does(found) == ["create-certificate", "replace-profile"]
    assert found.steps[1]["certificates"] == [MADE, "C1"]  # the old one is good for as long as it lasts
