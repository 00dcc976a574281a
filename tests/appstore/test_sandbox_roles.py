"""What each role and kind of key may read (the reading of Apple's pages is in `appstore.sandbox.roles`)."""

import pytest

from tests.appstore.test_sandbox_support import World

pytest_plugins = ["tests.appstore.test_sandbox_support"]

PROVISIONING = ("certificates", "profiles", "bundleIds", "devices")
MATRIX = {
    "admin": {*PROVISIONING, "apps", "users"},
    "app_manager": {"apps"},
    "developer": {*PROVISIONING, "apps"},
    "individual": {"apps", "users"},
    "enterprise": {*PROVISIONING, "users"},
}


@pytest.mark.parametrize("name", MATRIX)
@pytest.mark.parametrize("collection", [*PROVISIONING, "apps", "users"])
def test_collections_by_key(sandbox_world: World, name: str, collection: str) -> None:
    key = getattr(sandbox_world, name)
    response = sandbox_world.get(f"/v1/{collection}", key)
    if collection in MATRIX[name]:
        assert response.status_code == 200
    elif name == "enterprise":
        assert response.status_code == 404
    else:
        assert response.status_code == 403
        error = sandbox_world.error(response)
        assert error["code"] == "FORBIDDEN_ERROR"
        assert error["title"] == "This request is forbidden for security reasons"
        assert error["detail"] == "The API key in use does not allow this request"


def test_what_is_forbidden_as_a_list_is_forbidden_in_every_other_form(sandbox_world: World) -> None:
    profile = sandbox_world.sandbox.objects(sandbox_world.team, "profiles")[0]["id"]
    for path in (f"/v1/profiles/{profile}", f"/v1/profiles/{profile}/devices", "/v1/profiles/0000000000"):
        assert sandbox_world.get(path, sandbox_world.app_manager).status_code == 403
    included = sandbox_world.get("/v1/bundleIds", sandbox_world.app_manager, include="app")
    assert included.status_code == 403


def test_developers_see_development_certificates_only(sandbox_world: World) -> None:
    key = sandbox_world.developer
    everything = sandbox_world.sandbox.objects(sandbox_world.team, "certificates")
    development = [each for each in everything if "DEVELOPMENT" in each["attributes"]["certificateType"]]
    distribution = next(
        each for each in everything if each["attributes"]["certificateType"] == "DISTRIBUTION"
    )
    found = sandbox_world.get("/v1/certificates", key, limit=200).json()
    assert [each["id"] for each in found["data"]] == [each["id"] for each in development]
    assert found["meta"]["paging"]["total"] == len(development) < len(everything)
    assert sandbox_world.get(f"/v1/certificates/{distribution['id']}", key).status_code == 404
    store = next(
        each
        for each in sandbox_world.sandbox.objects(sandbox_world.team, "profiles")
        if {"type": "certificates", "id": distribution["id"]} in each["relationships"]["certificates"]["data"]
    )
    assert sandbox_world.get(f"/v1/profiles/{store['id']}/certificates", key).json()["data"] == []
    assert (
        sandbox_world.get(f"/v1/profiles/{store['id']}", key, include="certificates").json()["included"] == []
    )


def test_individual_keys_of_every_role_are_shut_out_of_provisioning(sandbox_world: World) -> None:
    for role in ("ADMIN", "APP_MANAGER", "DEVELOPER"):
        key = sandbox_world.sandbox.add_key(sandbox_world.team, role, "INDIVIDUAL")
        assert sandbox_world.get("/v1/apps", key, limit=1).status_code == 200
        for collection in PROVISIONING:
            assert sandbox_world.get(f"/v1/{collection}", key).status_code == 403


def test_enterprise_keys_are_team_keys_of_two_roles(sandbox_world: World) -> None:
    developer = sandbox_world.sandbox.add_key(sandbox_world.enterprise_team, "DEVELOPER")
    assert sandbox_world.get("/v1/devices", developer).status_code == 200
    assert sandbox_world.get("/v1/users", developer).status_code == 403
    for role, kind in [("APP_MANAGER", "TEAM"), ("ADMIN", "INDIVIDUAL")]:
        with pytest.raises(ValueError, match="Enterprise keys"):
            sandbox_world.sandbox.add_key(sandbox_world.enterprise_team, role, kind)
