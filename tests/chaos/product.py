"""What the harness asks of the product by its own doors, as a web process would: keys, checks, syncs, ticks.

Needs Django's settings, and a database that is up; PostgreSQL may go away in the middle of it, as from any process.
"""

from collections.abc import Callable

from django.core.management import call_command
from django.db import DatabaseError, connections
from kombu.exceptions import OperationalError as BrokerError

from appstore.models import AppStoreConnectKey, DeveloperTeam, KeyType, SyncRun
from appstore.sandbox.model import Program
from credhub.celery import app
from organizations.actors import SYSTEM
from organizations.models import Organization
from tests import factories
from tests.chaos.population import Account


def prepare() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def upload(accounts: list[Account], organizations: int) -> None:
    """Every key, into its organization; its check is asked for with it."""
    roots = [Organization.objects.create(name=f"Chaos {number}") for number in range(organizations)]
    for account in accounts:
        is_enterprise = account.team.program is Program.ENTERPRISE
        for issued in account.keys:
            factories.make_key(
                roots[account.number % organizations],
                key_type=KeyType.ENTERPRISE if is_enterprise else KeyType.TEAM,
                p8=issued.p8,
                key_id=issued.key_id,
                issuer_id=issued.issuer_id,
            )


def ask_for_sync(team_id: str) -> bool:
    """False where the database was away."""

    def ask() -> None:
        team = DeveloperTeam.objects.get(pk=team_id)
        SyncRun.request_sync(SYSTEM, team, trigger=SyncRun.Trigger.SCHEDULE)

    return _done(ask)


def ask_for_checks() -> None:
    """As people press the button on each key's page."""
    for key in AppStoreConnectKey.objects.live().select_related("credential__organization", "team"):
        SyncRun.request_check(SYSTEM, key, trigger=SyncRun.Trigger.SCHEDULE)


def ask_for_syncs() -> None:
    for team in DeveloperTeam.objects.all():
        SyncRun.request_sync(SYSTEM, team, trigger=SyncRun.Trigger.SCHEDULE)


def tick(times: int) -> bool:
    """So many schedulers in one moment: each of them sends what beat would. False where the broker was away."""

    def send() -> None:
        for _ in range(times):
            for name in ("appstore.schedule_due_syncs", "appstore.sweep"):
                app.send_task(name, retry=False)

    return _done(send)


def _done(work: Callable[[], None]) -> bool:
    try:
        work()
    except (DatabaseError, BrokerError, OSError):
        connections.close_all()
        return False
    return True
