"""The settings under test: CredHub's own, with keys made for this process and everything local."""

import atexit
import base64
import os
import secrets
import shutil
import tempfile
from pathlib import Path

# Of this process alone: workers of the same run inherit the environment of the one that started them
if "credhub-tests-" in os.environ.setdefault("CREDHUB_DATA_DIR", "credhub-tests-"):
    # In memory where there is such a folder: a database file there takes a tenth less of the processor
    in_memory = Path("/dev/shm")
    os.environ["CREDHUB_DATA_DIR"] = tempfile.mkdtemp(
        prefix="credhub-tests-", dir=in_memory if os.access(in_memory, os.W_OK) else None
    )
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
os.environ.setdefault("CREDHUB_MASTER_KEYS", f"test:{base64.b64encode(secrets.token_bytes(32)).decode()}")
# Playwright's synchronous API runs an event loop in the test's thread, where Django would refuse the ORM.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from credhub.settings import *  # noqa: F403

if "credhub-tests-" in os.environ["CREDHUB_DATA_DIR"]:
    atexit.register(shutil.rmtree, os.environ["CREDHUB_DATA_DIR"], ignore_errors=True)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files straight from the source tree: nothing has to be collected first.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, as in production: threads (a browser's requests, a worker) have connections of their own, which a
    # database in memory would not give them. Nobody needs it to survive a power cut.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}  # noqa: F405
    options = DATABASES["default"]["OPTIONS"]  # noqa: F405
    options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
else:
    DATABASES["default"].update(CONN_MAX_AGE=0)  # noqa: F405  # no idle connection keeps the test database in use
# What the tests do between two requests, they do in the thread that sends them. Side by side has tests of its own.
APPSTORE_LISTS_AT_ONCE = 1
