"""All settings, read from the environment (docs/deploy.md lists the variables)."""

import os
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from credentials.parsing import limits
from credhub import first_start
from credhub.logs import logging_config
from credhub.sign_in_settings import *  # noqa: F403

BASE_DIR = first_start.BASE_DIR
DATA_DIR = first_start.data_dir(os.environ)
env = environ.FileAwareEnv()


def secret(name: str) -> str:
    """NAME, the file that NAME_FILE points at, or what the first start left in the data dir."""
    value: str = env.str(name, default="")
    path = DATA_DIR / first_start.SECRET_FILES[name]
    if not value and not PRODUCTION and path.exists():
        value = path.read_text()
    if not value.strip() and name in first_start.needed_secrets(os.environ):
        raise ImproperlyConfigured(
            f"{name} is not set. Start with `manage.py up`, which makes one on a first start, or set {name} "
            f"(or {name}_FILE to the path of a file that holds it)."
        )
    return value.strip()


# Where we are
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = first_start.allowed_hosts(os.environ)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PRODUCTION = first_start.is_production(os.environ)
HTTPS = env.bool("CREDHUB_HTTPS", default=PRODUCTION)
try:
    first_start.require_keys(os.environ)
except first_start.FirstStartError as error:
    raise ImproperlyConfigured(str(error)) from None
SECRET_KEY = secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# Custody. The chosen provider wraps data keys; every configured one unwraps (docs/decisions/0009)
CREDHUB_KEY_PROVIDER = first_start.key_provider(os.environ)
# local: `id:base64,…`; the first wraps, all unwrap
CREDHUB_MASTER_KEYS = secret("CREDHUB_MASTER_KEYS")
# Vault or OpenBao. Agents renew the file of the token, so it is read whenever it is needed.
CREDHUB_TRANSIT = {
    "url": env.str("CREDHUB_TRANSIT_URL", default=""),
    "keys": env.str("CREDHUB_TRANSIT_KEY", default=""),
    "token": os.environ.get("CREDHUB_TRANSIT_TOKEN", ""),
    "token_file": os.environ.get("CREDHUB_TRANSIT_TOKEN_FILE", ""),
    "mount": env.str("CREDHUB_TRANSIT_MOUNT", default="transit"),
    "namespace": env.str("CREDHUB_TRANSIT_NAMESPACE", default=""),
    "ca": env.str("CREDHUB_TRANSIT_CA", default=""),
}
CREDHUB_AWS_KMS = {
    "keys": env.str("CREDHUB_AWS_KMS_KEY_ID", default=""),
    "region": env.str("CREDHUB_AWS_KMS_REGION", default=""),
    "endpoint": env.str("CREDHUB_AWS_KMS_ENDPOINT", default=""),
}
# How long a plain data key stays in memory after it was opened
DATA_KEY_CACHE_SECONDS = env.int("CREDHUB_DATA_KEY_CACHE", default=300)

# Where the ends of the activity logs are put on record, outside the database
AUDIT_ANCHORS = env.str("CREDHUB_AUDIT_ANCHORS", default=str(DATA_DIR / "audit-anchors.jsonl"))

# Apple. The only way to point elsewhere (the sandbox, a recording proxy)
APPSTORE_API_URL = env.str("APPSTORE_API_URL", default="https://api.appstoreconnect.apple.com").rstrip("/")
APPSTORE_ENTERPRISE_API_URL = env.str(
    "APPSTORE_ENTERPRISE_API_URL", default="https://api.enterprise.developer.apple.com"
).rstrip("/")
APPSTORE_CONNECT_TIMEOUT = env.float("APPSTORE_CONNECT_TIMEOUT", default=5.0)
APPSTORE_READ_TIMEOUT = env.float("APPSTORE_READ_TIMEOUT", default=30.0)
# More than 1: a sync fetches its four lists side by side
APPSTORE_LISTS_AT_ONCE = env.int("APPSTORE_LISTS_AT_ONCE", default=4)
SYNC_INTERVAL_SECONDS = env.int("CREDHUB_SYNC_INTERVAL", default=6 * 3600)
SYNC_LEASE_SECONDS = env.int("CREDHUB_SYNC_LEASE", default=90)
# What apps sign with is renewed so long before it ends, where their policy allows that
SIGNING_RENEWAL_DAYS = env.int("CREDHUB_RENEWAL_DAYS", default=30)

# Parts
INSTALLED_APPS = [
    "credhub.apps.CredHubAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "csp",
    "django_htmx",
    "organizations",
    "credentials",
    "appstore",
    "credhub.apps.CredHubConfig",
]
MIDDLEWARE = [
    "organizations.middleware.RequestIdMiddleware",
    # What every answer carries comes first: also those that a middleware below makes itself.
    "organizations.middleware.NoStoreMiddleware",
    "organizations.browser_rules.BrowserRulesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "organizations.session_limits.SessionLimitsMiddleware",
    "organizations.middleware.ActorMiddleware",
    "organizations.middleware.RateHeadersMiddleware",
    "organizations.views.refusals.RefusalMiddleware",
]
ROOT_URLCONF = "credhub.urls"
WSGI_APPLICATION = "credhub.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "organizations.context_processors.navigation",
            ],
            "builtins": ["organizations.templatetags.credhub_ui"],
        },
    }
]

# Data
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'credhub.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that reads and then writes waits its turn instead of failing with "locked".
    # FULL: what was said to be stored is still there after a power cut.
    # secure_delete: what was overwritten (the wrapped key of a destroyed organization) does not stay in the file.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;"
        "PRAGMA cache_size=-16000;",  # KiB: the indexes of a large team's links
    }
else:
    DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    # A locked table is an error that is answered, and not a request that hangs.
    options = DATABASES["default"].setdefault("OPTIONS", {})
    options["options"] = f"{options.get('options', '')} -c lock_timeout=8s".strip()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the database, so that sign-in throttling counts in every process and without Redis.
# Room for many counters: Django's 300 would let a stranger push out those of others by typing many names.
CACHES = {
    "default": {
        "BACKEND": "organizations.json_cache.JsonCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

# The doorbell: Celery carries the UUID of a job row and nothing else (docs/decisions/0003)
REDIS_URL = env.str("REDIS_URL", default="")
BROKER_DIR = DATA_DIR / "broker"
CELERY_BROKER_URL = REDIS_URL or "filesystem://embedded/"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"visibility_timeout": 1800, "socket_timeout": 10, "socket_connect_timeout": 5, "socket_keepalive": True,
     "health_check_interval": 25}
    if REDIS_URL
    else {"data_folder_in": str(BROKER_DIR / "messages"), "data_folder_out": str(BROKER_DIR / "messages"),
          "control_folder": str(BROKER_DIR / "control"), "processed_folder": str(BROKER_DIR / "processed"),
          "store_processed": False, "polling_interval": 0.1}
)  # fmt: skip
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = False
# The embedded broker knows no broadcast, which remote control needs.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = bool(REDIS_URL)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

# Invitations and mail
INVITATION_DAYS = 7
EMAIL_TIMEOUT = 10  # a mail server that hangs must not hold a request for ever
globals().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="CredHub <credhub@localhost>")

# Browser
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # the absolute limit
SESSION_IDLE_MINUTES = env.int("CREDHUB_SESSION_IDLE_MINUTES", default=60)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "credhub_sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "credhub_csrftoken"
CSRF_FAILURE_VIEW = "organizations.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The proxies in front of us whose X-Forwarded-For entries are true; 0: the peer's address is the client's
TRUSTED_PROXY_COUNT = ALLAUTH_TRUSTED_PROXY_COUNT = env.int("CREDHUB_TRUSTED_PROXIES", default=0)
# Hosts inside that outgoing requests may go to (organizations/outgoing.py): a key provider, an identity provider
CREDHUB_OUTGOING_ALLOW = [host.lower() for host in env.list("CREDHUB_OUTGOING_ALLOW", default=[])]
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = limits.MOST_FILES
FILE_UPLOAD_MAX_MEMORY_SIZE = limits.LARGEST_FILE
# Uploads stay in memory: a private key is never written to a temporary file.
FILE_UPLOAD_HANDLERS = ["credentials.uploads.MemoryOnlyUploadHandler"]
DEFAULT_EXCEPTION_REPORTER = "organizations.error_reports.NothingLeaksReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "organizations.error_reports.NothingLeaksFilter"

# Files and words
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS: list[Path] = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
LOGGING = logging_config(json_lines=env.bool("CREDHUB_LOG_JSON", default=PRODUCTION), debug=DEBUG)
