"""A sync of 40 certificates, 200 profiles, 60 bundle IDs and 150 devices, against just fetching their pages."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from appstore import doorbell, runs
from appstore.clients import client_for
from appstore.models import KeyType, SyncRun
from appstore.sandbox.server import Sandbox
from organizations.actors import SYSTEM
from tests import factories


def run(table: Callable[..., Any]) -> None:
    doorbell.ring = lambda _run_id: None  # type: ignore[assignment]
    with Sandbox(hourly_limit=1_000_000) as sandbox:
        settings.APPSTORE_API_URL, settings.APPSTORE_ENTERPRISE_API_URL = sandbox.url, sandbox.enterprise_url
        team = sandbox.add_team(name="Bench")
        issued = sandbox.add_key(team)
        key = factories.make_key(
            factories.make_root("Syncing"),
            key_type=KeyType.TEAM,
            p8=issued.p8,
            key_id=issued.key_id,
            issuer_id=issued.issuer_id,
        )
        SyncRun.objects.all().delete()

        def fetch() -> None:
            client = client_for(key, purpose="bench")
            for pages in (client.bundle_ids, client.certificates, client.devices, client.profiles):
                for _page in pages():
                    pass
            client.close()

        def sync() -> None:
            if key.team is not None:
                runs.perform(SyncRun.request_sync(SYSTEM, key.team, SyncRun.Trigger.SCHEDULE, key=key).pk)

        sandbox.requests.clear()
        sync()
        requests = len(sandbox.requests)
        table(
            f"Syncing a team of 450 objects ({requests} requests)",
            ("fetching the pages alone", fetch),
            {"a sync that finds nothing new": sync},
        )
