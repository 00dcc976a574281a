"""What is refused, and in which words: parameters, objects, paths, writes."""

from email.utils import parsedate_to_datetime

import pytest

from tests.appstore.test_sandbox_support import World, token

pytest_plugins = ["tests.appstore.test_sandbox_support"]


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


READS = "GET_COLLECTION, GET_INSTANCE"


@pytest.mark.parametrize(
    ("method", "path", "operation", "allowed"),
    [
        ("PATCH", "/v1/certificates/X", "UPDATE", f"{READS}, CREATE, DELETE"),
        ("PATCH", "/v1/profiles/X", "UPDATE", f"{READS}, CREATE, DELETE"),
        ("DELETE", "/v1/devices/X", "DELETE", f"{READS}, CREATE, UPDATE"),
        ("POST", "/v1/apps", "CREATE", READS),
        ("DELETE", "/v1/users/X", "DELETE", READS),
        ("POST", "/v1/passTypeIds", "CREATE", READS),
    ],
)
def test_writes_that_are_not_offered(
    sandbox_world: World, method: str, path: str, operation: str, allowed: str
) -> None:
    resource = path.split("/")[2]
    body = {"data": {"type": resource, "id": "X"}}
    response = sandbox_world.send(method, path, token(sandbox_world.admin), json=body)
    assert response.status_code == 403
    assert response.json()["errors"] == [
        {
            "status": "403",
            "code": "FORBIDDEN_ERROR",
            "title": "The given operation is not allowed",
            "detail": (
                f"The resource '{resource}' does not allow '{operation}'. Allowed operations are: {allowed}"
            ),
        }
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/bundleIdCapabilities/X"),
        ("POST", "/v1/merchantIds"),
        ("DELETE", "/v1/nothing/X"),
        ("POST", "/v1/profiles/X/nothing"),
    ],
)
def test_paths_that_no_method_has(sandbox_world: World, method: str, path: str) -> None:
    response = sandbox_world.send(method, path, token(sandbox_world.admin))
    assert (response.status_code, sandbox_world.error(response)["code"]) == (404, "PATH_ERROR")


def test_a_relationship_is_not_written_to(sandbox_world: World) -> None:
    response = sandbox_world.send(
        "DELETE", "/v1/profiles/X/relationships/devices", token(sandbox_world.admin)
    )
    assert (response.status_code, sandbox_world.error(response)["code"]) == (405, "METHOD_NOT_ALLOWED")


def test_methods_that_mean_nothing(sandbox_world: World) -> None:
    response = sandbox_world.send("PUT", "/v1/certificates", token(sandbox_world.admin), data=b"x")
    assert (response.status_code, sandbox_world.error(response)["code"]) == (405, "METHOD_NOT_ALLOWED")


def test_every_answer_has_a_date_and_says_that_it_is_json(sandbox_world: World) -> None:
    for path in ("/v1/devices", "/v1/nowhere"):
        headers = sandbox_world.get(path).headers
        assert headers["Content-Type"] == "application/json"
        assert parsedate_to_datetime(headers["Date"]).tzinfo is not None
