"""What every member of the cast meets at the addresses that belong to no organization: sign-in, first set-up,
invitations, health."""

from django.urls import reverse

from organizations.views.home import set_up_token
from tests import factories
from tests.access.table import read
from tests.access.world import World

CLOSED = "^accounts/(?:signup|email|confirm-email)/.*$"

DOORS = read(f"""
# Health
healthz                                any           ooooooooo   ooooooooo
readyz                                 any           ooooooooo   ooooooooo

# Front doors
home                                   any           L=======L   mmmmmmmmm
create-root                            any           L------oL   L------>L
set-up                                 false-token   ---------   ---------
set-up                                 second-time   LLLLLLLLL   LLLLLLLLL
accept-invitation                      false-token   ---------   ---------
accept-invitation                      new-account   ooooooooo   >>>>>>>>>
accept-invitation                      of-sub-b-dev  LoooooooL   L====>==L

# Device invitations: for whoever holds the link. A device's answer that cannot be read leads to a page that says so
device-invitation                      false-token   ---------   ---------
device-invitation                      of-devices    ooooooooo   >>>>>>>>>
device-profile                         false-token   ---------   mmmmmmmmm
device-profile                         of-devices    ooooooooo   mmmmmmmmm
device-answer                          false-token   mmmmmmmmm   sssssssss
device-answer                          of-devices    mmmmmmmmm   sssssssss
told-device                            any           ooooooooo   mmmmmmmmm

# Signing in and out. A wrong password changes something: it is on record
account_login                          wrong         o=======o   O=======O
account_login                          right         o=======o   >=======>
account_logout                         any           =ooooooo=   =========
account_inactive                       any           ooooooooo   mmmmmmmmm
account_reauthenticate                 wrong         LoooooooL   LOOOOOOOL
account_confirm_login_code             any           L=======L   L=======L

# Passwords
account_change_password                wrong         LoooooooL   LoooooooL
account_change_password                right         LoooooooL   L>>>>>>>L
account_set_password                   any           L=======L   L=======L
account_reset_password                 stranger      ooooooooo   =========
account_reset_password_done            any           ooooooooo   mmmmmmmmm
account_reset_password_from_key        false-token   ooooooooo   ooooooooo
account_reset_password_from_key_done   any           ooooooooo   mmmmmmmmm

# Second factors: nobody of the cast has one, so the prompts lead on, and changes ask for the password first
mfa_index                              any           LoooooooL   LmmmmmmmL
mfa_authenticate                       any           L=======L   L=======L
mfa_reauthenticate                     any           L=======L   L=======L
mfa_reauthenticate_webauthn            any           L=======L   L=======L
mfa_activate_totp                      any           L=======L   L=======L
mfa_deactivate_totp                    any           L-------L   L-------L
mfa_view_recovery_codes                any           L-------L   LmmmmmmmL
mfa_download_recovery_codes            any           L-------L   L-------L
mfa_generate_recovery_codes            any           L=======L   L=======L
accounts/                              any           =========   =========
accounts/2fa/webauthn/                 any           =========   =========
mfa_list_webauthn                      any           =========   =========
accounts/2fa/totp/activate/            any           L=======L   L=======L
accounts/2fa/webauthn/add/             any           L=======L   L=======L
mfa_add_webauthn                       any           L=======L   L=======L
mfa_edit_webauthn                      nothing       L=======L   L=======L
mfa_remove_webauthn                    nothing       L=======L   L=======L
mfa_login_webauthn                     nothing       L=======L   L=======L

# The API's frame (its operations: tests/access/api.py)
api:api-root                           any           ---------   ---------
api:openapi-json                       any           ooooooooo   ooooooooo
api:exchange_identity_token            any           mmmmmmmmm   !!!!!!!!!
api-docs                               any           ooooooooo   mmmmmmmmm

# GitLab's API of secure files: for tokens alone (tests/appstore/test_secure_files.py)
gitlab:api-root                        any           ---------   ---------
gitlab:files                           nothing       uuuuuuuuu   uuuuuuuuu
gitlab:file                            nothing       uuuuuuuuu   mmmmmmmmm
gitlab:download                        nothing       uuuuuuuuu   mmmmmmmmm

# The identity provider: none is configured
identity-provider                      any           ---------   mmmmmmmmm
identity-provider-callback             any           ---------   mmmmmmmmm

# Sessions: one's own
sessions                               any           LoooooooL   mmmmmmmmm
end-session                            nothing       mmmmmmmmm   L=======L
end-other-sessions                     any           mmmmmmmmm   L=======L

# There is no sign-up, and an address is not changed by its owner
{CLOSED}  any  ---------   ---------
account_signup                         any           ---------   ---------
account_email                          any           ---------   ---------
account_email_verification_sent        any           ---------   ---------
account_confirm_email                  false-token   ---------   ---------
""")

_NEW = "another quite long password"
ACCOUNT = {"name": "New Person", "password": _NEW}
_CHANGE = {"password1": _NEW, "password2": _NEW}


def address(route: str, place: str, world: World) -> str:
    if route == CLOSED:
        return "/accounts/email/anything/"
    if route.startswith("accounts/"):
        return f"/{route}"
    if route in {"mfa_edit_webauthn", "mfa_remove_webauthn", "end-session"}:
        return reverse(route, args=[1])
    if route in {"gitlab:files", "gitlab:file", "gitlab:download"}:
        return reverse(route, args=["acme"] if route == "gitlab:files" else ["acme", 1])
    if route == "told-device":
        return reverse(route, args=["waiting"])
    if place == "of-devices":
        return f"{reverse(route, args=['token-of-devices'])}?phone-name=Ada"
    if place == "false-token":
        named = {"account_confirm_email": ["key"], "account_reset_password_from_key": ["1", "key"]}
        return reverse(route, args=named.get(route, ["no-such-token"]))
    if route == "set-up":
        return reverse(route, args=[set_up_token()])
    if route == "accept-invitation":
        email = {
            "new-account": world.places["root"][1].invitation.email, "of-sub-b-dev": world.cast.sub_b_developer.email,
        }[place]  # fmt: skip
        return reverse(route, args=[f"token-of-{email}"])
    return reverse(route)


def body(route: str, place: str) -> dict[str, str]:
    return {
        ("create-root", "any"): {"name": "One more root"},
        ("set-up", "second-time"): {**ACCOUNT, "organization": "Mine", "email": "me@example.com"},
        ("accept-invitation", "new-account"): ACCOUNT,
        ("device-invitation", "of-devices"): {
            "typed-name": "Ada",
            "typed-udid": "0" * 40,
            "typed-platform": "IOS",
        },
        ("account_login", "wrong"): {"login": "root.owner@example.com", "password": "no idea"},
        ("account_login", "right"): {"login": "root.owner@example.com", "password": factories.PASSWORD},
        ("account_reauthenticate", "wrong"): {"password": "no idea"},
        ("account_change_password", "wrong"): {"oldpassword": "no idea", **_CHANGE},
        ("account_change_password", "right"): {"oldpassword": factories.PASSWORD, **_CHANGE},
        ("account_reset_password", "stranger"): {"email": "nobody@example.com"},
    }.get((route, place), {})
