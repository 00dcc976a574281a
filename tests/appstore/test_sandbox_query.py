"""What may be asked: filters, sorting, fields, included objects, single objects and what they lead to."""

from typing import Any

import pytest

from tests.appstore.test_sandbox_support import World

pytest_plugins = ["tests.appstore.test_sandbox_support"]


def values(response: Any, name: str) -> list[Any]:
    return [each["attributes"][name] for each in response.json()["data"]]


def all_values(world: World, collection: str, name: str) -> list[Any]:
    return [each["attributes"][name] for each in world.sandbox.objects(world.team, collection)]


@pytest.mark.parametrize(
    ("collection", "attribute"), [("bundleIds", "identifier"), ("profiles", "name"), ("devices", "name")]
)
def test_names_and_identifiers_match_by_a_part(sandbox_world: World, collection: str, attribute: str) -> None:
    part = all_values(sandbox_world, collection, attribute)[0][2:9].upper()
    found = values(
        sandbox_world.get(f"/v1/{collection}", **{f"filter[{attribute}]": part, "limit": 200}), attribute
    )
    wanted = [
        each for each in all_values(sandbox_world, collection, attribute) if part.lower() in each.lower()
    ]
    assert found == wanted
    assert len(found) >= 1


def test_a_bundle_id_filter_finds_longer_ones_too(sandbox_world: World) -> None:
    found = values(
        sandbox_world.get("/v1/bundleIds", **{"filter[identifier]": "com.acme.atlas"}), "identifier"
    )
    assert found == ["com.acme.atlas", "com.acme.atlas.widget"]


@pytest.mark.parametrize("form", [str.lower, str.upper, lambda text: "0" + text])
def test_serial_numbers_are_found_in_every_spelling(sandbox_world: World, form: Any) -> None:
    serial = all_values(sandbox_world, "certificates", "serialNumber")[0]
    found = sandbox_world.get("/v1/certificates", **{"filter[serialNumber]": form(serial)})
    assert values(found, "serialNumber") == [serial]
    assert (
        values(sandbox_world.get("/v1/certificates", **{"filter[serialNumber]": serial[:-1]}), "name") == []
    )


def test_several_values_of_a_filter_are_alternatives_and_several_filters_all_hold(
    sandbox_world: World,
) -> None:
    types = "IOS_DISTRIBUTION,IOS_DEVELOPMENT"
    found = values(
        sandbox_world.get("/v1/certificates", **{"filter[certificateType]": types}), "certificateType"
    )
    assert set(found) == set(types.split(","))
    ids = [each["id"] for each in sandbox_world.sandbox.objects(sandbox_world.team, "profiles")][:4]
    response = sandbox_world.get(
        "/v1/profiles", **{"filter[id]": ",".join(ids), "filter[profileType]": "IOS_APP_STORE"}
    )
    assert {each["id"] for each in response.json()["data"]} < set(ids)
    assert set(values(response, "profileType")) == {"IOS_APP_STORE"}


def test_ids_match_whole_ones_only(sandbox_world: World) -> None:
    object_id = sandbox_world.sandbox.objects(sandbox_world.team, "devices")[0]["id"]
    assert sandbox_world.get("/v1/devices", **{"filter[id]": object_id[:5]}).json()["data"] == []
    assert len(sandbox_world.get("/v1/devices", **{"filter[id]": object_id}).json()["data"]) == 1


def test_users_are_filtered_by_any_of_their_roles(sandbox_world: World) -> None:
    found = values(sandbox_world.get("/v1/users", **{"filter[roles]": "SALES,ACCOUNT_HOLDER"}), "roles")
    assert found == [["ACCOUNT_HOLDER", "ADMIN"], ["MARKETING", "SALES"]]


def test_several_sort_keys(sandbox_world: World) -> None:
    response = sandbox_world.get("/v1/devices", sort="-platform,name", limit=200)
    found = list(zip(values(response, "platform"), values(response, "name"), strict=True))
    wanted = sorted(found, key=lambda each: each[1])
    assert found == sorted(wanted, key=lambda each: each[0], reverse=True)


def test_objects_without_a_value_sort_first(sandbox_world: World) -> None:
    everything = sandbox_world.get("/v1/profiles", sort="profileState", limit=200)
    assert values(everything, "profileState") == sorted(values(everything, "profileState"))


def test_only_the_fields_asked_for(sandbox_world: World) -> None:
    (found,) = sandbox_world.get("/v1/profiles", limit=1, **{"fields[profiles]": "name,bundleId"}).json()[
        "data"
    ]
    assert set(found) == {"type", "id", "attributes", "relationships", "links"}
    assert set(found["attributes"]) == {"name"}
    assert set(found["relationships"]) == {"bundleId"}
    (bare,) = sandbox_world.get("/v1/devices", limit=1, **{"fields[devices]": "udid"}).json()["data"]
    assert set(bare) == {"type", "id", "attributes", "links"}


def test_relationships_tell_nothing_unless_included(sandbox_world: World) -> None:
    (found,) = sandbox_world.get("/v1/profiles", limit=1).json()["data"]
    address = f"{sandbox_world.sandbox.url}/v1/profiles/{found['id']}"
    assert found["relationships"]["certificates"] == {
        "meta": {"paging": {"total": 0, "limit": 2147483647}},
        "links": {"self": f"{address}/relationships/certificates", "related": f"{address}/certificates"},
    }
    assert "data" not in found["relationships"]["bundleId"]


def test_included_objects_come_once_each(sandbox_world: World) -> None:
    params = {"include": "bundleId,certificates", "limit": 200, "fields[certificates]": "serialNumber"}
    document = sandbox_world.get("/v1/profiles", **params).json()
    included = [(each["type"], each["id"]) for each in document["included"]]
    assert len(included) == len(set(included))
    linked = set()
    for each in document["data"]:
        owner = each["relationships"]["bundleId"]["data"]
        certificates = each["relationships"]["certificates"]
        assert certificates["meta"]["paging"]["total"] == len(certificates["data"])
        linked |= {(link["type"], link["id"]) for link in [owner, *certificates["data"]]}
    assert linked == set(included)
    for each in document["included"]:
        if each["type"] == "certificates":
            assert set(each["attributes"]) == {"serialNumber"}


def test_included_relationships_break_off_at_fifty_without_a_word(sandbox_world: World) -> None:
    profile = max(
        sandbox_world.sandbox.objects(sandbox_world.team, "profiles"),
        key=lambda each: len(each["relationships"]["devices"]["data"]),
    )
    path = f"/v1/profiles/{profile['id']}"
    document = sandbox_world.get(path, include="devices").json()
    assert len(document["data"]["relationships"]["devices"]["data"]) == 50 == len(document["included"])
    fewer = sandbox_world.get(path, include="devices", **{"limit[devices]": 3}).json()
    assert len(fewer["included"]) == 3
    error = sandbox_world.error(sandbox_world.get(path, include="devices", **{"limit[devices]": 51}))
    assert error["code"] == "PARAMETER_ERROR.INVALID"


def test_single_objects_and_what_they_lead_to(sandbox_world: World) -> None:
    (listed,) = sandbox_world.get("/v1/profiles", limit=1, include="bundleId").json()["data"]
    alone = sandbox_world.get(f"/v1/profiles/{listed['id']}", include="bundleId").json()
    assert alone["data"] == listed
    owner = listed["relationships"]["bundleId"]["data"]["id"]
    assert sandbox_world.get(f"/v1/profiles/{listed['id']}/bundleId").json()["data"]["id"] == owner
    profiles = sandbox_world.get(f"/v1/bundleIds/{owner}/profiles", limit=200).json()["data"]
    assert listed["id"] in [each["id"] for each in profiles]
    link = sandbox_world.get(f"/v1/profiles/{listed['id']}/relationships/bundleId").json()
    assert link["data"] == {"type": "bundleIds", "id": owner}


def test_capabilities_are_listed_under_their_bundle_id_and_take_no_limit(sandbox_world: World) -> None:
    owner = sandbox_world.sandbox.objects(sandbox_world.team, "bundleIds")[0]
    path = f"/v1/bundleIds/{owner['id']}/bundleIdCapabilities"
    found = sandbox_world.get(path).json()["data"]
    assert found[0]["id"] == f"{owner['id']}_IN_APP_PURCHASE"
    # The document offers `limit` here; the live API refuses it.
    assert sandbox_world.error(sandbox_world.get(path, limit=50))["code"] == "PARAMETER_ERROR.ILLEGAL"
