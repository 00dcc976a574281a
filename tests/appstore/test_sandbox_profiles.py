"""The sandbox's profiles are real: signed property lists with the right certificates and devices in them."""

import base64
import plistlib
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.appstore.test_sandbox_support import World

pytest_plugins = ["tests.appstore.test_sandbox_support"]

CERTIFICATE_TYPES = {
    "IOS_APP_STORE": {"DISTRIBUTION", "IOS_DISTRIBUTION"},
    "IOS_APP_ADHOC": {"DISTRIBUTION", "IOS_DISTRIBUTION"},
    "IOS_APP_INHOUSE": {"DISTRIBUTION", "IOS_DISTRIBUTION"},
    "TVOS_APP_INHOUSE": {"DISTRIBUTION", "IOS_DISTRIBUTION"},
    "IOS_APP_DEVELOPMENT": {"DEVELOPMENT", "IOS_DEVELOPMENT"},
    "TVOS_APP_DEVELOPMENT": {"DEVELOPMENT", "IOS_DEVELOPMENT"},
    "MAC_APP_STORE": {"DISTRIBUTION", "MAC_APP_DISTRIBUTION"},
    "MAC_APP_DIRECT": {"DEVELOPER_ID_APPLICATION"},
    "MAC_APP_DEVELOPMENT": {"DEVELOPMENT", "MAC_APP_DEVELOPMENT"},
}


def opened(resource: dict[str, Any]) -> dict[str, Any]:
    """The property list in a profile, which `openssl cms -verify` must let out."""
    command = ["openssl", "cms", "-verify", "-noverify", "-inform", "DER"]
    content = base64.b64decode(resource["attributes"]["profileContent"])
    run = subprocess.run(command, input=content, capture_output=True, check=True)
    return dict(plistlib.loads(run.stdout))


@pytest.fixture(scope="module")
def profiles(running_world: World) -> list[dict[str, Any]]:
    world = running_world
    return [
        each
        for team in (world.team, world.enterprise_team)
        for each in world.sandbox.objects(team, "profiles")
    ]


def by_id(world: World, collection: str) -> dict[str, dict[str, Any]]:
    teams = (world.team, world.enterprise_team)
    return {each["id"]: each for team in teams for each in world.sandbox.objects(team, collection)}


def ids(resource: dict[str, Any], name: str) -> list[str]:
    return [each["id"] for each in resource["relationships"][name]["data"]]


def test_every_profile_holds_what_its_relationships_say(
    sandbox_world: World, profiles: list[dict[str, Any]]
) -> None:
    certificates, devices = by_id(sandbox_world, "certificates"), by_id(sandbox_world, "devices")
    owners = by_id(sandbox_world, "bundleIds")
    seen = {}
    for each in profiles:
        attributes = each["attributes"]
        if attributes["profileType"] in seen or attributes["profileContent"] is None:
            continue
        seen[attributes["profileType"]] = content = opened(each)
        kind = attributes["profileType"]
        linked = [certificates[key] for key in ids(each, "certificates")]
        assert linked
        assert {cert["attributes"]["certificateType"] for cert in linked} <= CERTIFICATE_TYPES[kind]
        assert content["DeveloperCertificates"] == [
            base64.b64decode(cert["attributes"]["certificateContent"]) for cert in linked
        ]
        named = kind.endswith(("DEVELOPMENT", "ADHOC"))
        assert ("ProvisionedDevices" in content) is named
        udids = [devices[key]["attributes"]["udid"] for key in ids(each, "devices")]
        assert content.get("ProvisionedDevices", []) == udids
        assert bool(udids) is named
        assert content.get("ProvisionsAllDevices", False) is kind.endswith(("INHOUSE", "DIRECT"))
        owner = owners[each["relationships"]["bundleId"]["data"]["id"]]["attributes"]
        team_id = owner["seedId"]
        key = "com.apple.application-identifier" if kind.startswith("MAC") else "application-identifier"
        assert content["Entitlements"][key] == f"{team_id}.{owner['identifier']}"
        assert content["Entitlements"]["get-task-allow"] is kind.endswith("DEVELOPMENT")
        assert content["TeamIdentifier"] == content["ApplicationIdentifierPrefix"] == [team_id]
        assert (content["Name"], content["UUID"]) == (attributes["name"], attributes["uuid"])
        assert content["AppIDName"] == owner["name"]
        expiration = content["ExpirationDate"].replace(tzinfo=UTC)
        assert expiration == datetime.fromisoformat(attributes["expirationDate"])
        assert content["TimeToLive"] == 365
    assert set(seen) == set(CERTIFICATE_TYPES)


def test_a_broken_signature_does_not_verify(profiles: list[dict[str, Any]]) -> None:
    content = base64.b64decode(profiles[0]["attributes"]["profileContent"])
    forged = content.replace(b"<integer>365</integer>", b"<integer>999</integer>")
    assert forged != content
    with pytest.raises(subprocess.CalledProcessError):
        opened({"attributes": {"profileContent": base64.b64encode(forged)}})


def test_invalid_profiles_have_no_content(profiles: list[dict[str, Any]]) -> None:
    for each in profiles:
        invalid = each["attributes"]["profileState"] == "INVALID"
        assert (each["attributes"]["profileContent"] is None) is invalid
    states = Counter(each["attributes"]["profileState"] for each in profiles)
    assert states["ACTIVE"] > states["INVALID"] > 0


def test_lives_are_mixed_and_an_active_profile_may_be_past_its_end(profiles: list[dict[str, Any]]) -> None:
    now = datetime.now(UTC)
    ends = [
        datetime.fromisoformat(each["attributes"]["expirationDate"])
        for each in profiles
        if each["attributes"]["profileState"] == "ACTIVE"
    ]
    assert any(end < now for end in ends)
    assert any(now < end < now + timedelta(days=26) for end in ends)
    assert any(end > now + timedelta(days=100) for end in ends)


def test_an_active_profile_may_hold_an_expired_certificate(
    sandbox_world: World, profiles: list[dict[str, Any]]
) -> None:
    now = datetime.now(UTC)
    certificates = by_id(sandbox_world, "certificates")
    ends = [
        datetime.fromisoformat(certificates[key]["attributes"]["expirationDate"])
        for each in profiles
        if each["attributes"]["profileState"] == "ACTIVE"
        for key in ids(each, "certificates")
    ]
    assert any(end < now for end in ends)


def test_special_profiles(sandbox_world: World, profiles: list[dict[str, Any]]) -> None:
    ad_hoc = [each for each in profiles if each["attributes"]["profileType"] == "IOS_APP_ADHOC"]
    assert max(len(ids(each, "devices")) for each in ad_hoc) > 50
    wildcards = {
        key
        for key, each in by_id(sandbox_world, "bundleIds").items()
        if each["attributes"]["identifier"][-1] == "*"
    }
    on_wildcards = [each for each in profiles if each["relationships"]["bundleId"]["data"]["id"] in wildcards]
    assert {each["attributes"]["profileType"] for each in on_wildcards} == {"IOS_APP_DEVELOPMENT"}


def test_names_are_unique_in_a_team(sandbox_world: World) -> None:
    for team in (sandbox_world.team, sandbox_world.enterprise_team):
        names = [each["attributes"]["name"] for each in sandbox_world.sandbox.objects(team, "profiles")]
        assert len(names) == len(set(names))


def test_bundle_ids_know_their_profiles(sandbox_world: World, profiles: list[dict[str, Any]]) -> None:
    for key, owner in by_id(sandbox_world, "bundleIds").items():
        mine = [each["id"] for each in profiles if each["relationships"]["bundleId"]["data"]["id"] == key]
        assert ids(owner, "profiles") == mine


def test_a_profile_of_ones_own(sandbox_world: World) -> None:
    sandbox, team = sandbox_world.sandbox, sandbox_world.other_team
    owner = sandbox.add_bundle_id(team, "com.own.app", name="Own")
    certificate = sandbox.add_certificate(team, "DEVELOPMENT")
    device = sandbox.add_device(team, udid="00008030-001A2B3C4D5E6F70")
    made = sandbox.add_profile(
        team,
        "IOS_APP_DEVELOPMENT",
        bundle_id=owner["id"],
        certificates=[certificate["id"]],
        devices=[device["id"]],
        name="Own Development",
    )
    content = opened(made)
    assert content["ProvisionedDevices"] == ["00008030-001A2B3C4D5E6F70"]
    assert content["Name"] == "Own Development"
    listed = sandbox_world.get(f"/v1/bundleIds/{owner['id']}/profiles", sandbox_world.other_admin).json()
    assert [each["id"] for each in listed["data"]] == [made["id"]]
