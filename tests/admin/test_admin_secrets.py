"""Secrets are write-only in the admin: no page of any row shows one, in any form."""

import base64

import pytest

from credentials.models import Credential, DataKey
from organizations.models import Invitation, User
from tests.admin.furniture import MODELS, House, address
from tests.leaks import find_in, forms_of, forms_of_secret

# Whose rows each of them opens, one by one
OPENS = {"root_owner": ["root"], "sub_a_admin": ["sub_a", "shared"], "operator": ["other"]}


def needles(house: House) -> dict[str, bytes]:
    """Private keys, ciphertexts, wrapped data keys, password hashes, hashes of invitations' tokens."""
    found: dict[str, bytes] = {}
    for number, p8 in enumerate(house.p8s[:2]):
        found |= {f"key {number} {name}": form for name, form in forms_of(p8).items()}
    for credential in Credential.objects.filter(secret__isnull=False):
        found |= forms_of_secret(credential.secret.ciphertext[-24:], f"ciphertext of {credential}")
    for key in DataKey.objects.all():
        found |= forms_of_secret(bytes(key.wrapped)[-24:], f"wrapped {key}")
    for user in User.objects.all():
        found[f"password of {user}"] = user.password.split("$")[-1].encode()
    for invitation in Invitation.objects.all():
        found[f"token of {invitation}"] = invitation.token_hash.encode()
    return found


@pytest.mark.parametrize("member", OPENS)
def test_no_page_shows_a_secret(house: House, member: str) -> None:
    client, secrets = house.cast.client(member), needles(house)
    pages = {"/admin/", "/admin/password_change/", address(User, "changelist")}
    for model in MODELS:
        pages |= {address(model), address(model, "add")}
    for rows in [house.rows[owner] for owner in OPENS[member]]:
        for model, row in rows.items():
            pages |= {address(model, page, row.pk) for page in ("change", "history")}
        pages.add(address(Credential, "share", rows[Credential].pk))
    answers = [client.get(page) for page in sorted(pages)]
    shown = [answer.content for answer in answers if answer.status_code != 403]
    assert len(shown) > 40
    assert find_in(b"\n".join(shown), secrets) == []


def test_the_search_for_secrets_would_find_one(house: House) -> None:
    secrets = needles(house)
    credential = Credential.objects.filter(secret__isnull=False)[0]
    for page in (
        house.p8s[0],
        base64.b64encode(credential.secret.ciphertext),
        house.cast.operator.password.encode(),
    ):
        assert find_in(page, secrets)


def test_lists_of_credentials_keys_and_runs_carry_no_ciphertext(house: House) -> None:
    client = house.cast.client("root_owner")
    for name in ("Credential", "AppStoreConnectKey", "SyncRun"):
        model = next(each for each in MODELS if each.__name__ == name)
        for row in client.get(address(model)).context["cl"].result_list:
            key = row if name == "AppStoreConnectKey" else getattr(row, "key", None)
            credential = row if name == "Credential" else key and key.credential
            assert credential is None or "secret" in credential.get_deferred_fields()


def test_nobody_sets_a_password_for_somebody_else(house: House) -> None:
    person = house.cast.root_owner
    for member in ("root_owner", "sub_a_admin", "operator"):
        client = house.cast.client(member)
        for page in (
            f"/admin/organizations/user/{person.pk}/password/",
            f"/admin/auth/user/{person.pk}/password/",
        ):
            answer = client.post(
                page, {"password1": "another long password", "password2": "another long password"}
            )
            assert answer.status_code in {302, 404}
    person.refresh_from_db()
    assert not person.check_password("another long password")
