"""How people sign in: the part of the settings that django-allauth and the identity provider read."""

import environ

env = environ.FileAwareEnv()

AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = ["organizations.sign_in_backend.SignInBackend"]
ACCOUNT_ADAPTER = "organizations.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[CredHub] "
ACCOUNT_FORMS = {"reset_password": "organizations.sign_in_forms.ForgottenPasswordForm"}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
PASSWORD_RESET_TIMEOUT = 3600
# Failed attempts, of an address and of an account (also at second factors); a success takes its own back.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,100/h/ip,5/5m/key,50/d/key",
    "reauthenticate": "10/m/user,60/h/user",
}
# Second factors. An account's address is proven by its invitation: allauth's own records of addresses are not used.
MFA_ADAPTER = "organizations.second_factors.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "activate_totp": "organizations.sign_in_forms.SetUpAuthenticatorForm",
    "authenticate": "organizations.sign_in_forms.SecondFactorForm",
    "reauthenticate": "organizations.sign_in_forms.ConfirmForm",
    "add_webauthn": "organizations.sign_in_forms.AddPasskeyForm",
}
# The company's identity provider (OpenID Connect). Nothing is stored of it: a person is their verified address.
OIDC_ISSUER = env.str("CREDHUB_OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("CREDHUB_OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("CREDHUB_OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("CREDHUB_OIDC_NAME", default="single sign-on")
OIDC_SCOPES = env.list("CREDHUB_OIDC_SCOPES", default=["openid", "profile", "email"])
OIDC_GROUPS_CLAIM = env.str("CREDHUB_OIDC_GROUPS_CLAIM", default="groups")
OIDC_GROUP_ROLES = env.str("CREDHUB_OIDC_GROUP_ROLES", default="")
OIDC_EXTRA_HOSTS = env.list("CREDHUB_OIDC_EXTRA_HOSTS", default=[])
SOCIALACCOUNT_ADAPTER = "organizations.identity_provider.IdentityProviderAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = True
# How long ago somebody may have shown who they are when a secret is opened or a factor is changed, and how many
# secrets one person may open in an hour
FRESH_AUTHENTICATION_SECONDS = ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
REVEALS_PER_HOUR = env.int("CREDHUB_REVEALS_PER_HOUR", default=30)
# How much each API token may do in a minute, and how many secrets it may open
TOKEN_REQUESTS_PER_MINUTE = env.int("CREDHUB_TOKEN_REQUESTS_PER_MINUTE", default=600)
TOKEN_REVEALS_PER_MINUTE = env.int("CREDHUB_TOKEN_REVEALS_PER_MINUTE", default=60)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
