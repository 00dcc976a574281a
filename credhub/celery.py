"""The Celery app and everything that runs by the clock.

The broker is only a doorbell: each message carries the UUID of a job row, and the rows are the record.
"""

import os
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init

from credhub import garbage, last_resort

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credhub.settings")

app = Celery("credhub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # Rings due jobs and takes back those whose worker died. A tick nobody heard in time is worth nothing.
    "sweep": {"task": "appstore.sweep", "schedule": 5.0, "options": {"expires": 5}},
    # Outside the database, so that a log that was cut or rewritten there shows
    "anchor-audit": {"task": "organizations.anchor_audit", "schedule": 60.0, "options": {"expires": 60}},
    "look-after-tokens": {
        "task": "organizations.look_after_tokens",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "send-webhooks": {"task": "organizations.send_webhooks", "schedule": 5.0, "options": {"expires": 5}},
    "purge-webhook-deliveries": {
        "task": "organizations.purge_webhook_deliveries",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    # Told once each, so that it may be looked at often
    "announce-expiry": {"task": "appstore.announce_expiry", "schedule": 3600.0, "options": {"expires": 3600}},
    "schedule-syncs": {"task": "appstore.schedule_due_syncs", "schedule": 60.0, "options": {"expires": 60}},
    # Each app is looked at once a day, by whichever tick comes first
    "renew-signing": {"task": "appstore.renew_signing", "schedule": 600.0, "options": {"expires": 600}},
}


def make_broker_folders(options: dict[str, Any]) -> None:
    """The filesystem transport wants its folders to exist."""
    for key in ("data_folder_in", "control_folder", "processed_folder"):
        if key in options:
            Path(options[key]).mkdir(mode=0o700, parents=True, exist_ok=True)


@app.on_after_configure.connect
def _prepare_broker(sender: Celery, **_kwargs: object) -> None:
    make_broker_folders(sender.conf.broker_transport_options)


@setup_logging.connect
def _keep_django_logging(**_kwargs: object) -> None:
    """With a receiver connected Celery leaves logging as Django's settings configured it."""
    last_resort.install()


@worker_init.connect
def _refuse_wrong_keys(**_kwargs: object) -> None:
    from credhub.checks import refuse_wrong_keys

    refuse_wrong_keys()


@worker_init.connect
def _keep_what_is_loaded(**_kwargs: object) -> None:
    garbage.keep_what_is_loaded()
