"""What may be asked: filters, sorting, fields, included objects, single objects, and what is refused."""

from typing import Any

import pytest

from tests.appstore.test_sandbox_support import World, token

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


def test_a_value_that_apple_does_not_know_names_those_that_it_does(sandbox_world: World) -> None:
    response = sandbox_world.get("/v1/profiles", **{"filter[profileState]": "EXPIRED"})
    assert sandbox_world.error(response) | {"id": ""} == {
        "id": "",
        "status": "400",
        "code": "PARAMETER_ERROR.INVALID",
        "title": "A parameter has an invalid value",
        "detail": "'EXPIRED' is not a valid filter value. Expected one of: ACTIVE, INVALID",
        "source": {"parameter": "filter[profileState]"},
    }


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


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/devices", "foo"),
        ("/v1/devices", "page[number]"),
        ("/v1/devices", "filter[deviceClass]"),
        ("/v1/devices", "filter"),
        ("/v1/devices", "limit[profiles]"),
        ("/v1/devices", "fields[profiles]"),
        ("/v1/profiles", "limit[bundleId]"),
        ("/v1/profiles/{profile}", "limit"),
        ("/v1/profiles/{profile}", "filter[name]"),
        ("/v1/profiles/{profile}/devices", "sort"),
        ("/v1/profiles/{profile}/devices", "include"),
        ("/v1/profiles/{profile}/bundleId", "limit"),
        ("/v1/profiles/{profile}/relationships/devices", "fields[devices]"),
    ],
)
def test_parameters_that_a_request_does_not_take(sandbox_world: World, path: str, parameter: str) -> None:
    profile = sandbox_world.sandbox.objects(sandbox_world.team, "profiles")[0]["id"]
    response = sandbox_world.get(path.format(profile=profile), **{parameter: "1"})
    error = sandbox_world.error(response)
    assert (response.status_code, error["code"]) == (400, "PARAMETER_ERROR.ILLEGAL")
    assert error["title"] == "A given parameter is not allowed for this request"
    assert error["detail"] == f"The parameter '{parameter}' can not be used with this request"
    assert error["source"] == {"parameter": parameter}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("sort", "uuid"), ("sort", "+name"), ("include", "apps"), ("fields[profiles]", "color")],
)
def test_parameters_with_values_of_no_meaning(sandbox_world: World, parameter: str, value: str) -> None:
    error = sandbox_world.error(sandbox_world.get("/v1/profiles", **{parameter: value}))
    assert (error["code"], error["source"]) == ("PARAMETER_ERROR.INVALID", {"parameter": parameter})


@pytest.mark.parametrize("name", ["limit", "sort", "filter[name]", "fields[devices]", "foo"])
def test_parameters_given_twice(sandbox_world: World, name: str) -> None:
    response = sandbox_world.send("GET", f"/v1/devices?{name}=1&{name}=2", token(sandbox_world.admin))
    error = sandbox_world.error(response)
    assert (response.status_code, error["code"]) == (400, "PARAMETER_ERROR.DUPLICATE")
    assert error["title"] == "A parameter is included more than once"
    assert error["detail"] == f"The parameter '{name}' can only be included once"
    assert error["source"] == {"parameter": name}


def test_unknown_objects_and_those_of_another_team(sandbox_world: World) -> None:
    for collection in ("certificates", "profiles", "bundleIds", "devices"):
        foreign = sandbox_world.sandbox.objects(sandbox_world.other_team, collection)[0]["id"]
        for object_id in (foreign, "0000000000"):
            response = sandbox_world.get(f"/v1/{collection}/{object_id}")
            assert response.status_code == 404
            assert sandbox_world.error(response) | {"id": ""} == {
                "id": "",
                "status": "404",
                "code": "NOT_FOUND",
                "title": "The specified resource does not exist",
                "detail": f"There is no resource of type '{collection}' with id '{object_id}'",
                "source": {"pointer": "data/id"},
            }
    assert sandbox_world.get("/v1/profiles/0000000000/devices").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/",
        "/v1/apps/",
        "/v2/apps",
        "/v1/merchantIds",
        "/v1/bundleIdCapabilities",
        "/v1/profiles/X/name",
        "/v1/profiles/X/relationships",
        "/v1/profiles/X/relationships/name",
        "/v1/profiles/X/devices/Y",
        "/v1/profiles//devices",
    ],
)
def test_paths_that_lead_nowhere(sandbox_world: World, path: str) -> None:
    response = sandbox_world.get(path)
    error = sandbox_world.error(response)
    assert (response.status_code, error["code"]) == (404, "PATH_ERROR")
    assert error["detail"] == f"'{path}' is not a valid URL"


def test_the_enterprise_api_has_no_apps_and_no_linkages(sandbox_world: World) -> None:
    key = sandbox_world.enterprise
    profile = sandbox_world.sandbox.objects(sandbox_world.enterprise_team, "profiles")[0]["id"]
    owner = sandbox_world.sandbox.objects(sandbox_world.enterprise_team, "bundleIds")[0]["id"]
    for path in ("/v1/apps", f"/v1/profiles/{profile}/relationships/devices", f"/v1/bundleIds/{owner}/app"):
        assert sandbox_world.error(sandbox_world.get(path, key))["code"] == "PATH_ERROR"
    assert sandbox_world.get(f"/v1/profiles/{profile}/devices", key).status_code == 200
    response = sandbox_world.get("/v1/bundleIds", key, **{"filter[platform]": "UNIVERSAL"})
    assert sandbox_world.error(response)["detail"].endswith("Expected one of: IOS, MAC_OS")


@pytest.mark.parametrize(
    ("method", "suffix", "operation"),
    [("POST", "", "CREATE"), ("PATCH", "/X", "UPDATE"), ("DELETE", "/X", "DELETE")],
)
def test_writes_are_not_offered(sandbox_world: World, method: str, suffix: str, operation: str) -> None:
    response = sandbox_world.send(
        method,
        f"/v1/certificates{suffix}",
        token(sandbox_world.admin),
        json={"data": {"type": "certificates"}},
    )
    assert response.status_code == 403
    assert response.json()["errors"] == [
        {
            "status": "403",
            "code": "FORBIDDEN_ERROR",
            "title": "The given operation is not allowed",
            "detail": (
                f"The resource 'certificates' does not allow '{operation}'. "
                "Allowed operations are: GET_COLLECTION, GET_INSTANCE"
            ),
        }
    ]


def test_methods_that_mean_nothing(sandbox_world: World) -> None:
    response = sandbox_world.send("PUT", "/v1/certificates", token(sandbox_world.admin), data=b"x")
    assert (response.status_code, sandbox_world.error(response)["code"]) == (405, "METHOD_NOT_ALLOWED")
